// The map page's island.

import type { PageConfig } from "@dothi/operations/config";
import { OperationsPage } from "@dothi/operations/page";

export default function mount(el: HTMLElement, config: unknown): void {
  new OperationsPage(el, config as PageConfig).start();
}
