// Keeps the pages of work orders as new as the orders and their alarms.

import { keepFreshBy } from "@dothi/page/fresh";

export default function mount(): void {
  keepFreshBy("/live/alarms");
}
