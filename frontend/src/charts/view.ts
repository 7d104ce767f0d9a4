// One chart on the page, drawn by the chart library: follows its element's size, the pointer and the keys.

import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, MarkAreaComponent, MarkLineComponent } from "echarts/components";
import { type ECharts, init, use } from "echarts/core";
import { LabelLayout } from "echarts/features";
import { CanvasRenderer } from "echarts/renderers";
import { type Drawing, nearestStop, type Stop } from "./drawing";
import { CURSOR, type Look, optionOf } from "./option";
import { hatching, readPalette } from "./palette";
import type { ChartWriter } from "./words";

use([LineChart, BarChart, GridComponent, MarkAreaComponent, MarkLineComponent, CanvasRenderer, LabelLayout]);

const PAGE = 10;

/** Give the place that a key leads to from a place, null for a key that leads nowhere. */
export function placeAfter(key: string, place: number, count: number): number | null {
  const last = count - 1;
  const moves: Record<string, number> = {
    ArrowLeft: place < 0 ? last : place - 1,
    ArrowRight: place < 0 ? 0 : place + 1,
    PageUp: place - PAGE,
    PageDown: place + PAGE,
    Home: 0,
    End: last,
  };
  const wanted = moves[key];
  return wanted === undefined || count === 0 ? null : Math.min(Math.max(wanted, 0), last);
}

export class ChartView {
  private readonly chart: ECharts;
  private readonly size = new ResizeObserver(() => this.fit());
  private readonly theme = new MutationObserver(() => this.draw());
  private place = -1;

  constructor(
    private readonly el: HTMLElement,
    private readonly drawing: Drawing,
    private readonly stops: readonly Stop[],
    private readonly writer: ChartWriter,
    private readonly tell: (stop: Stop | null) => void,
  ) {
    // A page may show the place larger than it is laid out.
    const enlarged = el.getBoundingClientRect().width / (el.clientWidth || 1) || 1;
    this.chart = init(el, null, { renderer: "canvas", devicePixelRatio: devicePixelRatio * enlarged });
    this.draw();
    this.size.observe(el);
    this.theme.observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
    this.listen();
  }

  /** Give back all that the chart holds; it is not to be used any more. */
  dispose(): void {
    this.size.disconnect();
    this.theme.disconnect();
    this.chart.dispose();
  }

  private listen(): void {
    this.el.addEventListener("keydown", (event) => this.press(event));
    this.el.addEventListener("blur", () => this.point(-1));
    this.chart.getZr().on("mousemove", (event: { offsetX: number }) => this.hover(event.offsetX));
    this.chart.getZr().on("globalout", () => this.point(-1));
  }

  private look(): Look {
    const palette = readPalette(this.el);
    return {
      palette,
      hatching: hatching(palette.forecast),
      width: this.el.clientWidth,
      isCalm: matchMedia("(prefers-reduced-motion: reduce)").matches,
    };
  }

  private draw(): void {
    this.chart.setOption(optionOf(this.drawing, this.writer, this.look()), true);
  }

  private fit(): void {
    this.chart.resize();
    this.draw();
  }

  private press(event: KeyboardEvent): void {
    const place = event.key === "Escape" ? -1 : placeAfter(event.key, this.place, this.stops.length);
    if (place === null) return;
    event.preventDefault();
    this.point(place);
  }

  private hover(pixel: number): void {
    const at = this.chart.convertFromPixel({ xAxisIndex: 0 }, pixel);
    this.point(this.drawing.kind === "line" ? nearestStop(this.stops, at) : this.placeOfBar(at));
  }

  private placeOfBar(number: number): number {
    const begin = this.drawing.kind === "bars" ? this.drawing.bars[number]?.[0] : undefined;
    return this.stops.findIndex((stop) => stop.at === begin);
  }

  private point(place: number): void {
    if (place === this.place) return;
    this.place = place;
    const stop = this.stops[place] ?? null;
    const data = stop ? [{ xAxis: this.abscissa(stop) }] : [];
    this.chart.setOption({ series: [{ id: CURSOR, markLine: { data } }] });
    this.tell(stop);
  }

  private abscissa(stop: Stop): number {
    return this.drawing.kind === "line" ? stop.at : this.drawing.bars.findIndex((bar) => bar[0] === stop.at);
  }
}
