// Keeps the pages of lamps as new as the lamps' own messages; the page says how often it may be asked for, in ms.

import { keepFresh } from "@dothi/page/fresh";

export default function mount(_el: HTMLElement, pauseMs: unknown): void {
  keepFresh("lighting.lamps", typeof pauseMs === "number" ? pauseMs : undefined);
}
