// What a chart shows, as the server writes it, and what can be asked of it.

export type Width = "raw" | "minute" | "quarter" | "hour" | "day" | "month";

/** Begin (Unix milliseconds), mean and, where a point stands for several values, least and greatest. */
export type LinePoint = readonly [number, number] | readonly [number, number, number, number];

/** How sure a bar is: "" measured, "i" partly interpolated, "p" of a part of its span, "r" with a reset in it. */
export type Mark = "" | "i" | "p" | "r";

/** Begin, value (null where nothing is known), end, and how sure it is. */
export type Bar = readonly [number, number | null, number, Mark];

export const MARKS: readonly Mark[] = ["", "i", "r", "p"];

/** How a bar is drawn: filled where it is measured all through, else hollow, dashed where a part is missing. */
export type Shape = "filled" | "hollow" | "dashed";
export const SHAPES: readonly Shape[] = ["filled", "hollow", "dashed"];

/** Give the shape in which a mark is drawn. */
export function shapeOf(mark: Mark): Shape {
  return mark === "" ? "filled" : mark === "p" ? "dashed" : "hollow";
}

/** Give how sure a bar is. */
export function markOf(bar: Bar): Mark {
  return bar[3];
}

export interface Line {
  readonly name: string;
  readonly points: readonly LinePoint[];
  readonly forecast: readonly LinePoint[];
}

interface Common {
  readonly title: string;
  readonly unit: string;
  /** The IANA name of the city's zone. */
  readonly zone: string;
  readonly width: Width;
  readonly begin: number;
  readonly end: number;
  readonly now: number;
  readonly limits: readonly { readonly value: number; readonly label: string }[];
}

export interface LineDrawing extends Common {
  readonly kind: "line";
  readonly lines: readonly Line[];
  /** What should have been: the ends of straight stretches, drawn thin beside the lines. */
  readonly due?: { readonly name: string; readonly points: readonly (readonly [number, number])[] } | null;
}

export interface BarDrawing extends Common {
  readonly kind: "bars";
  readonly bars: readonly Bar[];
}

export type Drawing = LineDrawing | BarDrawing;

/** One place of a chart that can be pointed at. */
export interface Stop {
  readonly at: number;
  readonly end: number | null;
  readonly values: readonly { readonly name: string; readonly value: number }[];
  readonly least: number | null;
  readonly greatest: number | null;
  readonly isForecast: boolean;
  readonly mark: Mark;
}

/** Tell whether a drawing has nothing to show. */
export function isEmpty(drawing: Drawing): boolean {
  if (drawing.kind === "bars") return drawing.bars.every((bar) => bar[1] === null);
  return drawing.lines.every((line) => line.points.length + line.forecast.length === 0);
}

/** List the places of a drawing in the order of time; lines that share a moment share a place. */
export function stopsOf(drawing: Drawing): Stop[] {
  if (drawing.kind === "bars") {
    return drawing.bars.flatMap(([at, value, end, mark]) =>
      value === null
        ? []
        : [{ at, end, values: [{ name: "", value }], least: null, greatest: null, isForecast: false, mark }],
    );
  }
  const byTime = new Map<number, Stop>();
  for (const line of drawing.lines) {
    for (const point of line.points) byTime.set(point[0], joined(byTime.get(point[0]), line.name, point, false));
    for (const point of line.forecast) byTime.set(point[0], joined(byTime.get(point[0]), line.name, point, true));
  }
  return [...byTime.values()].sort((one, other) => one.at - other.at);
}

function joined(known: Stop | undefined, name: string, point: LinePoint, isForecast: boolean): Stop {
  const [at, value, least = null, greatest = null] = point;
  const values = [...(known?.values ?? []), { name, value }];
  // The span of several lines together says nothing of any of them.
  return known
    ? { ...known, values, least: null, greatest: null }
    : { at, end: null, values, least, greatest, isForecast, mark: "" };
}

/** Give the place nearest to a moment; -1 where there is none. */
export function nearestStop(stops: readonly Stop[], at: number): number {
  let [low, high] = [0, stops.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((stops[middle]?.at ?? 0) < at) low = middle;
    else high = middle;
  }
  const [one, other] = [stops[low], stops[high]];
  if (!one || !other) return -1;
  return Math.abs(one.at - at) <= Math.abs(other.at - at) ? low : high;
}

/** Break a line where much longer than usual nothing came: what wasn't measured isn't drawn. */
export function withGaps(points: readonly LinePoint[]): (LinePoint | readonly [number, null])[] {
  const steps = points.slice(1).map((point, place) => point[0] - (points[place]?.[0] ?? 0));
  const usual = [...steps].sort((one, other) => one - other)[steps.length >> 1] ?? 0;
  return points.flatMap((point, place) =>
    place > 0 && (steps[place - 1] ?? 0) > usual * 3.5 ? [[point[0] - 1, null] as const, point] : [point],
  );
}
