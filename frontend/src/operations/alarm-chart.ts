// The chart beside the selected alarm, with its newest value; fetched when the alarm is chosen, and by and by again.

import { type Drawing, isEmpty, stopsOf } from "@dothi/charts/drawing";
import type { ChartView } from "@dothi/charts/view";
import { ChartWriter } from "@dothi/charts/words";
import type { Language } from "@dothi/language/language";
import { writeValue } from "@dothi/language/numbers";
import { html, render } from "lit-html";

const EVERY_MS = 30_000;

export class AlarmChart {
  readonly place = document.createElement("div");
  unit = "";
  private points: readonly (readonly [number, number, ...number[]])[] = [];
  private alarm: number | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private view: ChartView | null = null;

  constructor(
    private readonly language: Language,
    private readonly changed: () => void,
  ) {
    this.place.className = "alarm-chart";
  }

  /** Write the newest value at a moment, Unix ms; "" where there is none. */
  valueAt(ms: number): string {
    const found = this.points.filter(([at]) => at <= ms).at(-1);
    return found ? writeValue(this.language, found[1]) : "";
  }

  /** Show the chart of an alarm, or none. Calling it again with the same changes nothing. */
  show(alarm: number | null): void {
    if (alarm === this.alarm) return;
    this.alarm = alarm;
    clearTimeout(this.timer);
    this.clear();
    if (alarm === null) return;
    render(html`<div class="chart-ground skeleton"></div>`, this.place);
    void this.read(alarm);
  }

  private async read(alarm: number): Promise<void> {
    // Whoever reads the chart by keys is not to lose their place.
    if (this.view && this.place.contains(document.activeElement)) {
      this.timer = setTimeout(() => void this.read(alarm), EVERY_MS);
      return;
    }
    const url = `/operations/alarms/${alarm}/chart.json`;
    const answer = await fetch(url, { headers: { accept: "application/json" } }).catch(() => null);
    const drawing: Drawing | null = answer?.ok && !answer.redirected ? await answer.json() : null;
    if (alarm !== this.alarm) return;
    if (drawing) await this.draw(drawing, alarm);
    else if (!this.view) this.clear();
    this.timer = setTimeout(() => void this.read(alarm), EVERY_MS);
  }

  private async draw(drawing: Drawing, alarm: number): Promise<void> {
    const writer = new ChartWriter(this.language, drawing.zone, drawing.unit);
    const { ChartView } = await import("@dothi/charts/view");
    if (alarm !== this.alarm) return;
    this.clear();
    this.points = drawing.kind === "line" ? (drawing.lines[0]?.points ?? []) : [];
    this.unit = drawing.unit;
    if (isEmpty(drawing)) {
      render(html`<p class="chart-ground blank">${writer.words.empty}</p>`, this.place);
    } else {
      this.ground(drawing, writer, ChartView);
    }
    this.changed();
  }

  private ground(drawing: Drawing, writer: ChartWriter, View: typeof ChartView): void {
    const stops = stopsOf(drawing);
    const summary = writer.summary(drawing, stops);
    const say = (text: string): void => {
      render(
        html`<p class="chart-said num">${text}</p><div class="chart-ground" tabindex="0" role="group" aria-label="${drawing.title}. ${summary}. ${writer.words.keys}"></div>`,
        this.place,
      );
    };
    say(summary);
    const ground = this.place.querySelector<HTMLElement>(".chart-ground");
    if (!ground) return;
    this.view = new View(ground, drawing, stops, writer, (stop) =>
      say(stop ? writer.stop(stop, drawing.width) : summary),
    );
  }

  private clear(): void {
    this.view?.dispose();
    this.view = null;
    this.points = [];
    render(html``, this.place);
  }
}
