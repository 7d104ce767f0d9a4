// Numbers as each language writes them.

import { type Language, localeOf } from "./language";

const formats = new Map<string, Intl.NumberFormat>();

function format(language: Language, digits: number): Intl.NumberFormat {
  const key = `${language}${digits}`;
  const known = formats.get(key);
  if (known) return known;
  const made = new Intl.NumberFormat(localeOf(language), {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  formats.set(key, made);
  return made;
}

/** Write a count: 5.942 in Vietnamese, 5,942 in English. */
export function writeCount(language: Language, count: number): string {
  return format(language, 0).format(count);
}

/** Write a measured value to about three figures: 98,4 in Vietnamese, 98.4 in English. */
export function writeValue(language: Language, value: number): string {
  const size = Math.abs(value);
  if (size >= 1000 || size === 0) return format(language, 0).format(value);
  return format(language, size >= 10 ? 1 : 2).format(value);
}

/** Write a coordinate in degrees to five places, about a metre. */
export function writeDegrees(language: Language, degrees: number): string {
  return format(language, 5).format(degrees);
}
