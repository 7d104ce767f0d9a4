// A drawing as the chart library's options: past solid, "now" a rule, what lies ahead dashed on a hatched ground.

import type { EChartsCoreOption } from "echarts/core";
import {
  type Bar,
  type BarDrawing,
  type Drawing,
  type Line,
  type LineDrawing,
  markOf,
  shapeOf,
  withGaps,
} from "./drawing";
import type { Palette } from "./palette";
import { ticksBetween, Zone } from "./ticks";
import type { ChartWriter } from "./words";

export interface Look {
  readonly palette: Palette;
  readonly hatching: HTMLCanvasElement | null;
  /** Pixels. */
  readonly width: number;
  readonly isCalm: boolean;
}

const PIXELS_PER_TICK = 84;
const DASHED = [4, 3];

/** Give the options of a drawing. */
export function optionOf(drawing: Drawing, writer: ChartWriter, look: Look): EChartsCoreOption {
  const { palette } = look;
  const names = drawing.kind === "line" && (drawing.lines.length > 1 || Boolean(drawing.due));
  return {
    animation: !look.isCalm,
    animationDuration: 200,
    textStyle: { fontFamily: palette.font, fontSize: 11, color: palette.text },
    grid: {
      left: 8,
      right: names ? 72 : 12,
      top: 22,
      bottom: 6,
      outerBoundsMode: "same",
      outerBoundsContain: "axisLabel",
    },
    yAxis: valueAxis(drawing, writer, palette),
    ...(drawing.kind === "line" ? lineParts(drawing, writer, look) : barParts(drawing, writer, look)),
  };
}

function valueAxis(drawing: Drawing, writer: ChartWriter, palette: Palette): object {
  return {
    type: "value",
    scale: drawing.kind === "line" && isFarFromZero(drawing),
    splitNumber: 3,
    ...(isShare(drawing) ? { max: 100 } : {}),
    axisLabel: { color: palette.muted, formatter: (value: number) => writer.axis(value) },
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: palette.grid } },
  };
}

/** A light level up to 100 % ends there: no axis promises 120. */
function isShare(drawing: Drawing): boolean {
  const lines = drawing.kind === "line" ? drawing.lines : [];
  const all = lines.flatMap((line) => [...line.points, ...line.forecast].map((point) => point[1]));
  return drawing.unit === "%" && all.length > 0 && all.every((value) => value >= 0 && value <= 100);
}

/** A voltage between 218 and 231 is drawn as that; a power between 5 and 100 stands on zero. */
function isFarFromZero(drawing: LineDrawing): boolean {
  const all = drawing.lines.flatMap((line) => [...line.points, ...line.forecast].map((point) => point[1]));
  const [least, greatest] = all.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [
    Infinity,
    -Infinity,
  ] as [number, number]);
  return least > 0.5 * greatest && greatest > 0;
}

function timeAxis(drawing: Drawing, writer: ChartWriter, look: Look): object {
  const most = Math.max(2, Math.floor(look.width / PIXELS_PER_TICK));
  const ticks = ticksBetween(drawing.begin, drawing.end, most, new Zone(drawing.zone));
  return {
    type: "value",
    min: drawing.begin,
    max: drawing.end,
    axisLine: { lineStyle: { color: look.palette.grid } },
    axisTick: { customValues: ticks.at },
    axisLabel: {
      customValues: ticks.at,
      color: look.palette.muted,
      hideOverlap: true,
      formatter: (ms: number) => writer.tick(ms, ticks.form),
    },
    splitLine: { show: false },
  };
}

function lineParts(drawing: LineDrawing, writer: ChartWriter, look: Look): object {
  const series = drawing.lines.flatMap((line, place) => seriesOf(line, drawing.lines.length > 1 ? place : null, look));
  const still = [...due(drawing, look), frame(drawing, writer, look), cursor(look)];
  return { xAxis: timeAxis(drawing, writer, look), series: [...series, ...still] };
}

/** What should have been, thin and pale behind what was. */
function due({ due: wanted }: LineDrawing, { palette }: Look): object[] {
  if (!wanted) return [];
  const end = { show: true, formatter: wanted.name, color: palette.muted, fontSize: 11 };
  const lineStyle = { width: 1, color: palette.muted };
  return [{ type: "line", showSymbol: false, silent: true, z: 2, data: wanted.points, lineStyle, endLabel: end }];
}

/** One of several lines has a tone and a width of its own, and its name at the end; `place` is null for a single one. */
function seriesOf(line: Line, place: number | null, { palette }: Look): object[] {
  const isNamed = place !== null;
  const tones = [palette.strong, palette.line, palette.muted] as const;
  const tone = (isNamed && tones[place % tones.length]) || palette.line;
  const common = { type: "line", showSymbol: false, silent: true, z: 3, itemStyle: { color: tone } };
  const stroke = { width: isNamed ? 2.4 - 0.7 * (place % tones.length) : 1.6, color: tone, cap: "round" };
  const ahead = line.points.length && line.forecast.length ? line.points.slice(-1) : [];
  const end = { show: isNamed, formatter: line.name, color: tone, fontSize: 11 };
  const apart = isNamed ? { labelLayout: { moveOverlap: "shiftY" } } : {};
  return [
    ...(isNamed ? [] : band(line, palette)),
    { ...common, ...dotted(withGaps(line.points)), lineStyle: stroke, endLabel: end, ...apart },
    { ...common, data: [...ahead, ...line.forecast], lineStyle: { ...stroke, type: DASHED } },
  ];
}

/** Show as dots what has a gap on both sides: a line of one point would not be seen. */
function dotted(points: ReturnType<typeof withGaps>): object {
  const isGap = (place: number): boolean => (points[place]?.[1] ?? null) === null;
  const data = points.map((value, place) => {
    const isAlone = !isGap(place) && isGap(place - 1) && isGap(place + 1);
    return isAlone ? { value, symbol: "circle" } : value;
  });
  return { data, showSymbol: true, showAllSymbol: true, symbol: "none", symbolSize: 3 };
}

/** The least to the greatest value of each point, as a light band: the difference stacked on the least. */
function band(line: Line, palette: Palette): object[] {
  const points = [...line.points, ...line.forecast].filter((point) => point.length === 4);
  if (!points.length) return [];
  const common = { type: "line", stack: "band", stackStrategy: "all", showSymbol: false, silent: true, z: 2 };
  const area = { color: palette.band, opacity: 0.18 };
  const none = { opacity: 0 };
  return [
    { ...common, data: points.map((point) => [point[0], point[2] ?? 0]), lineStyle: none },
    { ...common, data: points.map((p) => [p[0], (p[3] ?? 0) - (p[2] ?? 0)]), lineStyle: none, areaStyle: area },
  ];
}

/** What stands still in a chart: limits with their words at the line, now, and the ground of what lies ahead. */
function frame(drawing: Drawing, writer: ChartWriter, look: Look): object {
  const { palette } = look;
  const isNowInside = drawing.kind === "line" && drawing.now > drawing.begin && drawing.now < drawing.end;
  const label = { position: "insideStartTop", color: palette.strong, fontSize: 11, formatter: "{b}" };
  const limits = drawing.limits.map((limit) => ({
    name: `${limit.label} ${writer.limit(limit.value)}`,
    yAxis: limit.value,
    lineStyle: { color: palette.strong, type: DASHED, width: 1 },
    label,
  }));
  const now = {
    name: writer.words.now,
    xAxis: drawing.now,
    lineStyle: { color: palette.strong, type: "solid", width: 1.2 },
    label: { ...label, position: "end", distance: 4 },
  };
  const ground = look.hatching ? { image: look.hatching, repeat: "repeat" } : palette.grid;
  const ahead = [{ name: writer.words.forecast, xAxis: drawing.now }, { xAxis: drawing.end }];
  return {
    type: "line",
    data: [],
    silent: true,
    z: 1,
    markLine: { silent: true, symbol: "none", animation: false, data: [...limits, ...(isNowInside ? [now] : [])] },
    markArea: {
      silent: true,
      itemStyle: { color: ground },
      label: { position: "insideTopRight", color: palette.muted, fontSize: 11 },
      data: isNowInside ? [ahead] : [],
    },
  };
}

function barParts(drawing: BarDrawing, writer: ChartWriter, look: Look): object {
  const { palette } = look;
  const category = {
    type: "category",
    data: drawing.bars.map((bar) => writer.moment(bar[0], drawing.width)),
    axisLine: { lineStyle: { color: palette.grid } },
    axisTick: { show: false },
    axisLabel: { color: palette.muted, hideOverlap: true },
  };
  const bars = {
    type: "bar",
    barCategoryGap: "28%",
    silent: true,
    z: 3,
    data: drawing.bars.map((bar) => barOf(bar, palette)),
  };
  return { xAxis: category, series: [bars, frame(drawing, writer, look), cursor(look)] };
}

function barOf(bar: Bar, palette: Palette): object {
  const [, value] = bar;
  const shape = shapeOf(markOf(bar));
  if (shape === "filled") return { value, itemStyle: { color: palette.band } };
  const borderType = shape === "dashed" ? DASHED : "solid";
  return { value, itemStyle: { color: palette.surface, borderColor: palette.band, borderWidth: 1.4, borderType } };
}

export const CURSOR = "cursor";

function cursor({ palette }: Look): object {
  const lineStyle = { color: palette.muted, type: "solid", width: 1 };
  const markLine = { silent: true, symbol: "none", animation: false, label: { show: false }, lineStyle, data: [] };
  return { id: CURSOR, type: "line", data: [], silent: true, z: 4, markLine };
}
