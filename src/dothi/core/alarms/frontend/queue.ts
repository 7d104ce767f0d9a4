// Keeps the pages of alarms as new as the alarms, and what a person has chosen chosen.

import { keepFreshBy } from "@dothi/page/fresh";

export default function mount(): void {
  const page = document.getElementById("main");
  if (!page) return;
  keepChosen(page);
  keepFreshBy("/live/alarms");
}

/** Choose again, in what the server writes anew, the alarms that a person had chosen. */
export function keepChosen(page: HTMLElement): void {
  const chosen = new Set<string>();
  page.addEventListener("change", (event) => {
    const box = event.target;
    if (!(box instanceof HTMLInputElement && box.type === "checkbox")) return;
    if (box.checked) chosen.add(box.value);
    else chosen.delete(box.value);
  });
  new MutationObserver(() => {
    for (const box of page.querySelectorAll<HTMLInputElement>("input[type=checkbox]")) {
      if (chosen.has(box.value)) box.checked = true;
    }
  }).observe(page, { childList: true, subtree: true });
}
