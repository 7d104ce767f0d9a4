// Times and ages as each language writes them.

import { type Language, localeOf, type Messages } from "./language";

const UNITS: Messages<{ s: string; min: string; h: string; d: string }> = {
  vi: { s: "giây", min: "phút", h: "giờ", d: "ngày" },
  en: { s: "s", min: "min", h: "h", d: "d" },
};

/** Write a span in its one or two largest units: "12 giây", "21 phút", "1 giờ 05", "3 ngày". Negative counts as none. */
export function writeSpan(language: Language, seconds: number): string {
  const unit = UNITS[language];
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} ${unit.s}`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} ${unit.min}`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} ${unit.h} ${String(minutes % 60).padStart(2, "0")}`;
  return `${Math.floor(hours / 24)} ${unit.d}`;
}

/** Writes moments in one zone and language; the formats are made once, since making them is slow. */
export class TimeWriter {
  private readonly clockFormat: Intl.DateTimeFormat;
  private readonly dateFormat: Intl.DateTimeFormat;
  private readonly zoneFormat: Intl.DateTimeFormat;
  private readonly dayFormat: Intl.DateTimeFormat;
  private readonly monthFormat: Intl.DateTimeFormat;

  constructor(
    private readonly language: Language,
    zone: string,
  ) {
    const locale = localeOf(language);
    this.clockFormat = new Intl.DateTimeFormat("en-GB", { timeZone: zone, timeStyle: "medium", hourCycle: "h23" });
    this.dateFormat = new Intl.DateTimeFormat(locale, {
      timeZone: zone,
      weekday: "long",
      day: "2-digit",
      month: language === "vi" ? "2-digit" : "short",
      year: "numeric",
    });
    const month = language === "vi" ? "2-digit" : "short";
    this.dayFormat = new Intl.DateTimeFormat(locale, { timeZone: zone, day: "2-digit", month });
    this.monthFormat = new Intl.DateTimeFormat(locale, { timeZone: zone, month, year: "numeric" });
    this.zoneFormat = new Intl.DateTimeFormat("en-GB", { timeZone: zone, timeZoneName: "shortOffset" });
  }

  /** Write the time of day: 19:42:08. */
  clock(ms: number): string {
    return this.clockFormat.format(ms);
  }

  /** Write the day: "Thứ Năm, 19/11/2026", "Thursday, 19 Nov 2026". */
  date(ms: number): string {
    return this.dateFormat.format(ms);
  }

  /** Write the time of day to the minute: 19:42. */
  minute(ms: number): string {
    return this.clockFormat.format(ms).slice(0, 5);
  }

  /** Write a day without its year: "19/11", "19 Nov". */
  day(ms: number): string {
    return this.dayFormat.format(ms).replace("-", "/");
  }

  /** Write a month: "11/2026", "Nov 2026". */
  month(ms: number): string {
    // Browsers disagree on Vietnamese here ("11-2026", "tháng 11, 2026"): the parts are the same in all.
    const parts = this.monthFormat.formatToParts(ms).filter(({ type }) => type === "month" || type === "year");
    return parts.map(({ value }) => value).join(this.language === "vi" ? "/" : " ");
  }

  /** Give how far the zone is ahead of UTC at a moment, in ms. */
  offsetMs(ms: number): number {
    const [, sign, hours, minutes] = /GMT([+-])(\d+)(?::(\d+))?/.exec(this.zone(ms)) ?? [];
    const size = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000;
    return sign === "-" ? -size : size;
  }

  /** Write the zone's offset: GMT+7. */
  zone(ms: number): string {
    const parts = this.zoneFormat.formatToParts(ms);
    return parts.find((part) => part.type === "timeZoneName")?.value ?? "";
  }
}
