// Keeps the page of lamps as new as the lamps' own messages.

import { keepFresh } from "@dothi/page/fresh";

export default function mount(): void {
  keepFresh("lighting.lamps");
}
