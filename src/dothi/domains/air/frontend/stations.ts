// Keeps the pages of stations as new as the stations' own messages.

import { keepFresh } from "@dothi/page/fresh";

export default function mount(): void {
  keepFresh("air.stations");
}
