// The wall page's island.

import type { PageConfig } from "@dothi/operations/config";
import { WallPage } from "@dothi/operations/wall";

export default function mount(el: HTMLElement, config: unknown): void {
  new WallPage(el, config as PageConfig, JSON.parse(el.dataset["clock"] ?? "null")).start();
}
