// What charts say, in both languages, and how they write times and values.

import { type Language, localeOf, type Messages } from "@dothi/language/language";
import { writeCount, writeValue } from "@dothi/language/numbers";
import { TimeWriter } from "@dothi/language/times";
import { type Drawing, MARKS, type Mark, markOf, SHAPES, type Shape, type Stop, shapeOf, type Width } from "./drawing";

interface Words {
  readonly now: string;
  readonly forecast: string;
  readonly empty: string;
  readonly loading: string;
  readonly failed: (at: string) => string;
  readonly retry: string;
  readonly keys: string;
  readonly time: string;
  readonly value: string;
  readonly least: string;
  readonly greatest: string;
  readonly table: string;
  /** A bar without a mark, as the key under the bars names it. */
  readonly measured: string;
  readonly marks: { readonly [mark in Mark]: string };
  readonly summary: (from: string, to: string, least: string, greatest: string, last: string) => string;
}

export const WORDS: Messages<Words> = {
  vi: {
    now: "Bây giờ",
    forecast: "Dự báo",
    empty: "Chưa có số liệu trong khoảng thời gian này.",
    loading: "Đang tải biểu đồ",
    failed: (at) => `Không tải được biểu đồ lúc ${at}.`,
    retry: "Thử lại",
    keys: "Phím mũi tên trái, phải: xem từng giá trị",
    time: "Thời gian",
    value: "Giá trị",
    least: "Thấp nhất",
    greatest: "Cao nhất",
    table: "Số liệu dạng bảng",
    measured: "đo được trọn vẹn",
    marks: { "": "", i: "nội suy một phần", p: "chưa trọn khoảng", r: "số đếm bị đặt lại" },
    summary: (from, to, least, greatest, last) =>
      `Từ ${from} đến ${to}: thấp nhất ${least}, cao nhất ${greatest}, mới nhất ${last}`,
  },
  en: {
    now: "Now",
    forecast: "Forecast",
    empty: "There are no figures for this time yet.",
    loading: "Loading the chart",
    failed: (at) => `The chart could not be loaded at ${at}.`,
    retry: "Try again",
    keys: "Left and right arrow: value by value",
    time: "Time",
    value: "Value",
    least: "Least",
    greatest: "Greatest",
    table: "Figures as a table",
    measured: "measured throughout",
    marks: { "": "", i: "partly interpolated", p: "part of the time", r: "counter reset" },
    summary: (from, to, least, greatest, last) =>
      `From ${from} to ${to}: least ${least}, greatest ${greatest}, latest ${last}`,
  },
};

/** Writes the times and values of one chart. */
export class ChartWriter {
  readonly words: Words;
  private readonly times: TimeWriter;

  constructor(
    readonly language: Language,
    zone: string,
    private readonly unit: string,
  ) {
    this.words = WORDS[language];
    this.times = new TimeWriter(language, zone);
  }

  /** Write a value with its unit; a whole index or percentage is written whole. */
  value(value: number): string {
    const isCount = (!this.unit || this.unit === "%") && Number.isInteger(value);
    return this.withUnit(isCount ? writeCount(this.language, value) : writeValue(this.language, value));
  }

  /** Write a limit with its unit, as exactly as it was set. */
  limit(value: number): string {
    return this.withUnit(this.axis(value));
  }

  private withUnit(written: string): string {
    const space = this.unit === "%" ? "" : " ";
    return `${written}${this.unit ? space + this.unit : ""}`;
  }

  /** Write a mark of the value axis, whose unit stands beside the title. */
  axis(value: number): string {
    return value.toLocaleString(localeOf(this.language), { maximumFractionDigits: 2 });
  }

  /** Say what each shape of a drawing's bars means; nothing where all have been measured. */
  key(drawing: Drawing): readonly { readonly shape: Shape; readonly text: string }[] {
    const bars = drawing.kind === "bars" ? drawing.bars.filter((bar) => bar[1] !== null) : [];
    const marks = new Set(bars.map(markOf));
    if ([...marks].every((mark) => mark === "")) return [];
    return SHAPES.map((shape) => {
      const here = MARKS.filter((mark) => marks.has(mark) && shapeOf(mark) === shape);
      return { shape, text: here.map((mark) => this.words.marks[mark] || this.words.measured).join(", ") };
    }).filter(({ text }) => text !== "");
  }

  /** Write a mark of the time axis. */
  tick(ms: number, form: "minute" | "day" | "month"): string {
    return form === "minute" ? this.times.minute(ms) : form === "day" ? this.times.day(ms) : this.times.month(ms);
  }

  /** Write a moment or the span that begins with it. */
  moment(ms: number, width: Width): string {
    if (width === "month") return this.times.month(ms);
    return width === "day" ? this.times.day(ms) : `${this.times.day(ms)} ${this.times.minute(ms)}`;
  }

  /** Say in one sentence what a place of the chart shows. */
  stop(stop: Stop, width: Width): string {
    const values = stop.values.map(({ name, value }) => (name ? `${name} ${this.value(value)}` : this.value(value)));
    const span =
      stop.least === null || stop.greatest === null
        ? ""
        : ` (${writeValue(this.language, stop.least)} – ${writeValue(this.language, stop.greatest)})`;
    const notes = [stop.isForecast ? this.words.forecast.toLowerCase() : "", this.words.marks[stop.mark]];
    return [`${this.moment(stop.at, width)}: ${values.join(" · ")}${span}`, ...notes.filter(Boolean)].join(", ");
  }

  /** Say in one sentence what the whole chart shows. */
  summary(drawing: Drawing, stops: readonly Stop[]): string {
    const past = stops.filter((stop) => !stop.isForecast);
    const [first, last] = [past[0], past.at(-1)];
    if (!first || !last) return this.words.empty;
    const all = past.flatMap((stop) => stop.values.map((each) => each.value));
    const latest = last.values.map((each) => this.value(each.value)).join(" · ");
    return this.words.summary(
      this.moment(first.at, drawing.width),
      this.moment(last.at, drawing.width),
      this.value(all.reduce((one, other) => Math.min(one, other))),
      this.value(all.reduce((one, other) => Math.max(one, other))),
      latest,
    );
  }
}
