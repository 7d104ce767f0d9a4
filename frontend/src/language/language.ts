// The page's language, and messages in both.

export type Language = "vi" | "en";

/** The same messages in both languages; a key that one of them lacks does not compile. */
export type Messages<T> = { readonly [language in Language]: T };

/** Take a language tag as one of ours: anything that is not English is Vietnamese, the city's first language. */
export function toLanguage(tag: string): Language {
  return tag.startsWith("en") ? "en" : "vi";
}

/** Give the language of the page. */
export function pageLanguage(): Language {
  return toLanguage(document.documentElement.lang);
}

/** Give the locale by which numbers and times are written. */
export function localeOf(language: Language): string {
  return language === "vi" ? "vi-VN" : "en-GB";
}
