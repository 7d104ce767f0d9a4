// The timeline's data and its geometry: moments to pixels and back, alarms in place, lines as paths.

import type { LiveAlarm } from "@dothi/live/protocol";

export type Hours = 1 | 6 | 24 | 168;
export const RANGES: readonly Hours[] = [1, 6, 24, 168];

export interface PastAlarm {
  readonly id: number;
  readonly rule: string;
  readonly key: string;
  readonly priority: LiveAlarm["priority"];
  readonly state: string;
  readonly thing: string;
  readonly members: number;
  /** Unix ms; `cleared` is null while it stands. */
  readonly raised: number;
  readonly cleared: number | null;
}

export interface Timeline {
  readonly begin: number;
  readonly end: number;
  readonly now: number;
  readonly alarms: readonly PastAlarm[];
  readonly series: readonly {
    readonly id: string;
    readonly points: readonly (readonly [ms: number, value: number])[];
    readonly forecast: readonly (readonly [ms: number, value: number])[];
  }[];
}

/** A stretch of time on a stretch of pixels. */
export class Scale {
  constructor(
    readonly begin: number,
    readonly end: number,
    readonly left: number,
    readonly right: number,
  ) {}

  x(ms: number): number {
    return this.left + ((ms - this.begin) / (this.end - this.begin)) * (this.right - this.left);
  }

  at(x: number): number {
    return this.begin + ((x - this.left) / (this.right - this.left)) * (this.end - this.begin);
  }
}

const HOUR = 3_600_000;
/** How much of a range's length lies ahead of now, beside all of it that lies behind. */
const AHEAD = 1 / 4;

/** Give the scale of a range around now: a quarter of the past's length lies ahead. */
export function scaleOf(now: number, hours: Hours, left: number, right: number): Scale {
  const past = hours * HOUR;
  return new Scale(now - past, now + past * AHEAD, left, right);
}

/** Give a moment (ms) as a range of so many pixels can show it: the last one at which all of it moved by a pixel. */
export function wholePixel(ms: number, hours: Hours, widthPx: number): number {
  const pixel = (hours * HOUR * (1 + AHEAD)) / Math.max(1, widthPx);
  return Math.floor(ms / pixel) * pixel;
}

/** How far one step of a key goes, in ms. */
export function stepOf(hours: Hours): number {
  return { 1: 60_000, 6: 300_000, 24: 900_000, 168: 7_200_000 }[hours];
}

/** Give the path of a line between two heights, broken where points are further apart than they should be. */
export function pathOf(
  points: readonly (readonly [number, number])[],
  scale: Scale,
  box: {
    readonly top: number;
    readonly bottom: number;
    readonly least: number;
    readonly most: number;
    readonly gap: number;
  },
): string {
  const span = box.most - box.least || 1;
  let last = Number.NEGATIVE_INFINITY;
  return points
    .map(([ms, value]) => {
      const deed = ms - last > box.gap ? "M" : "L";
      last = ms;
      const y = box.bottom - ((value - box.least) / span) * (box.bottom - box.top);
      return `${deed}${scale.x(ms).toFixed(1)} ${y.toFixed(1)}`;
    })
    .join("");
}

/** As near to each other as this, in pixels, one alarm's sign hides the other's. */
const HIDES = 3;

/**
 * Give the alarms in the order in which they are drawn, the most pressing last, without those that would lie hidden under
 * others: a day of very many alarms is not to cost more to draw than there are pixels.
 */
export function uncovered(
  alarms: readonly PastAlarm[],
  scale: Scale,
  isChosen: (alarm: PastAlarm) => boolean,
): PastAlarm[] {
  const sorted = [...alarms].sort((a, b) => b.priority - a.priority || a.raised - b.raised);
  const seen = new Map<number, PastAlarm>();
  for (const alarm of [...sorted, ...sorted.filter(isChosen)]) {
    const column = Math.round(scale.x(alarm.raised) / HIDES);
    // What comes last is drawn last, so that it is on top there as well as here.
    seen.delete(column);
    seen.set(column, alarm);
  }
  return [...seen.values()];
}

/** Give how many alarms stood open at each of `count` moments of a span, the last at its end. */
export function countOpen(
  alarms: readonly Pick<PastAlarm, "raised" | "cleared">[],
  begin: number,
  end: number,
  count: number,
): number[] {
  return Array.from({ length: count }, (_, place) => {
    const at = begin + ((end - begin) * (place + 1)) / count;
    return alarms.filter((alarm) => alarm.raised <= at && (alarm.cleared === null || alarm.cleared > at)).length;
  });
}

const TICKS: Readonly<Record<Hours, number>> = { 1: HOUR / 6, 6: HOUR, 24: 2 * HOUR, 168: 24 * HOUR };

/** Give the moments that are written below the line, whole in the city's zone (`offsetMs` from UTC). */
export function ticksOf(scale: Scale, hours: Hours, offsetMs: number): number[] {
  const step = TICKS[hours];
  const first = Math.ceil((scale.begin + offsetMs) / step) * step - offsetMs;
  const count = Math.max(0, Math.floor((scale.end - first) / step) + 1);
  return Array.from({ length: count }, (_, place) => first + place * step);
}
