// Keeps every `.age[data-at]` of the page counting, in city time.

import { type Language, localeOf, pageLanguage } from "@dothi/language/language";
import { writeSpan } from "@dothi/language/times";
import { cityNow } from "@dothi/page/city";
import { RENEWED } from "@dothi/page/fresh";

export default function mount(): void {
  const language = pageLanguage();
  tell(language);
  setInterval(() => tell(language), 1000);
  document.addEventListener(RENEWED, () => tell(language));
}

function tell(language: Language): void {
  const now = cityNow();
  for (const element of document.querySelectorAll<HTMLElement>(".age[data-at]")) {
    const at = Date.parse(element.dataset["at"] ?? "");
    if (Number.isNaN(at)) continue;
    const words = writeSpan(language, (now - at) / 1000);
    if (element.textContent !== words) element.textContent = words;
    // The server wrote the time itself; it stays readable on hover and in print.
    if (!element.title) element.title = new Date(at).toLocaleString(localeOf(language));
  }
}
