// The corners of a shape that is written as WKT: found, moved, added and taken out in the text itself.

export interface Corner {
  readonly lon: number;
  readonly lat: number;
  /** Where its two numbers stand in the text. */
  readonly start: number;
  readonly end: number;
  /** Whether a side leads from it to the next corner. */
  readonly isLinked: boolean;
}

const NUMBER = String.raw`-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?`;
const PAIR = new RegExp(`(${NUMBER})\\s+(${NUMBER})`, "g");
const DIGITS = 7;

/** Find the corners of a shape, in the order they are written. */
export function cornersOf(text: string): Corner[] {
  const found = [...text.matchAll(PAIR)].map((match) => ({
    lon: Number(match[1]),
    lat: Number(match[2]),
    start: match.index,
    end: match.index + match[0].length,
  }));
  return found.map((corner, place) => {
    const next = found[place + 1];
    return { ...corner, isLinked: next !== undefined && /^\s*,\s*$/.test(text.slice(corner.end, next.start)) };
  });
}

/** Move a corner, and with it those at the same place: a ring ends where it begins. */
export function moveCorner(text: string, place: number, lon: number, lat: number): string {
  const corners = cornersOf(text);
  const old = corners[place];
  if (old === undefined) return text;
  return rewrite(
    text,
    corners.filter((each) => isAt(each, old)),
    write(lon, lat),
  );
}

/** Add a corner in the middle of the side that leads from one to the next. */
export function addCorner(text: string, place: number): string {
  const corners = cornersOf(text);
  const [from, to] = [corners[place], corners[place + 1]];
  if (from === undefined || to === undefined || !from.isLinked) return text;
  const middle = write((from.lon + to.lon) / 2, (from.lat + to.lat) / 2);
  return `${text.slice(0, from.end)}, ${middle}${text.slice(from.end)}`;
}

/** Take a corner out, unless a ring begins there or too few would be left. */
export function dropCorner(text: string, place: number): string {
  const corners = cornersOf(text);
  const [old, next] = [corners[place], corners[place + 1]];
  if (old === undefined || next === undefined || !old.isLinked) return text;
  const isShared = corners.filter((each) => isAt(each, old)).length > 1;
  return isShared || lengthOfRun(corners, place) <= 4 ? text : text.slice(0, old.start) + text.slice(next.start);
}

/** Give the sides, each as its two ends. */
export function sidesOf(corners: readonly Corner[]): [number, number][][] {
  return corners.flatMap((corner, place) => {
    const next = corners[place + 1];
    return corner.isLinked && next !== undefined
      ? [
          [
            [corner.lon, corner.lat],
            [next.lon, next.lat],
          ] as [number, number][],
        ]
      : [];
  });
}

function lengthOfRun(corners: readonly Corner[], place: number): number {
  let first = place;
  while (corners[first - 1]?.isLinked) first -= 1;
  let last = place;
  while (corners[last]?.isLinked) last += 1;
  return last - first + 1;
}

function isAt(one: Corner, other: Corner): boolean {
  return one.lon === other.lon && one.lat === other.lat;
}

function rewrite(text: string, corners: readonly Corner[], pair: string): string {
  return corners.reduceRight((told, each) => told.slice(0, each.start) + pair + told.slice(each.end), text);
}

function write(lon: number, lat: number): string {
  return `${Number(lon.toFixed(DIGITS))} ${Number(lat.toFixed(DIGITS))}`;
}
