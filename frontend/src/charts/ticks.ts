// Where the marks of a time axis stand: at round times of the city's zone.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [
  5 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
];
const MONTHS = [1, 2, 3, 6, 12, 24, 60];

export type TickForm = "minute" | "day" | "month";

export interface Ticks {
  readonly at: readonly number[];
  /** How each is written. */
  readonly form: TickForm;
}

/** Knows how far a zone is from UTC at any moment. */
export class Zone {
  private readonly format: Intl.DateTimeFormat;

  constructor(name: string) {
    this.format = new Intl.DateTimeFormat("en-GB", {
      timeZone: name,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  }

  /** Give the zone's own time as if it were UTC. */
  local(ms: number): number {
    const parts: Record<string, number> = {};
    for (const part of this.format.formatToParts(ms)) parts[part.type] = Number(part.value);
    const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) + (((ms % 1000) + 1000) % 1000);
  }

  /** Give the moment at which the zone's clocks show a time. */
  moment(local: number): number {
    const guess = local - (this.local(local) - local);
    return guess - (this.local(guess) - local);
  }
}

/** Give the marks from `begin` to `end`, at most `most` of them or few more. */
export function ticksBetween(begin: number, end: number, most: number, zone: Zone): Ticks {
  const span = end - begin;
  const step = STEPS.find((each) => span / each <= most);
  const locals = step ? evenly(zone.local(begin), zone.local(end), step) : monthly(zone, begin, end, most);
  const at = locals.map((local) => zone.moment(local)).filter((ms) => ms >= begin && ms <= end);
  return { at, form: step === undefined ? "month" : step < DAY ? "minute" : "day" };
}

function evenly(begin: number, end: number, step: number): number[] {
  const first = Math.ceil(begin / step) * step;
  return Array.from({ length: Math.max(0, Math.floor((end - first) / step) + 1) }, (_, place) => first + place * step);
}

function monthly(zone: Zone, begin: number, end: number, most: number): number[] {
  const [first, last] = [new Date(zone.local(begin)), new Date(zone.local(end))];
  const count = (last.getUTCFullYear() - first.getUTCFullYear()) * 12 + last.getUTCMonth() - first.getUTCMonth();
  const step = MONTHS.find((each) => count / each <= most) ?? 120;
  const start = Math.ceil((first.getUTCFullYear() * 12 + first.getUTCMonth()) / step) * step;
  return Array.from({ length: Math.ceil(count / step) + 1 }, (_, place) => {
    const month = start + place * step;
    return Date.UTC(Math.floor(month / 12), month % 12, 1);
  });
}
