// A chart's place on a page: says what it shows in words, loads the drawing's code once it comes into view.

import { type Drawing, isEmpty, stopsOf } from "@dothi/charts/drawing";
import { ChartWriter, WORDS } from "@dothi/charts/words";
import { pageLanguage } from "@dothi/language/language";
import { TimeWriter } from "@dothi/language/times";
import { cityNow } from "@dothi/page/city";
import { html, nothing, render } from "lit-html";

export interface Source {
  /** Where the drawing is fetched from. */
  readonly src: string;
  readonly title: string;
  readonly zone: string;
}

export default function mount(el: HTMLElement, config: unknown): void {
  void show(el, config as Drawing | Source);
}

/** Show a drawing, or fetch it first. */
export async function show(el: HTMLElement, given: Drawing | Source): Promise<void> {
  if (!("src" in given)) return draw(el, given);
  const words = WORDS[pageLanguage()];
  render(html`<div class="chart-ground skeleton" role="status" aria-label=${words.loading}></div>`, el);
  try {
    const answer = await fetch(given.src, { headers: { accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const drawing: Drawing = await answer.json();
    await draw(el, drawing);
  } catch {
    const at = new TimeWriter(pageLanguage(), given.zone).minute(cityNow());
    const again = (): void => void show(el, given);
    render(
      html`<div class="chart-ground blank" role="alert"><p>${words.failed(at)}</p>
        <button class="btn" type="button" @click=${again}>${words.retry}</button></div>`,
      el,
    );
  }
}

async function draw(el: HTMLElement, drawing: Drawing): Promise<void> {
  const writer = new ChartWriter(pageLanguage(), drawing.zone, drawing.unit);
  const stops = stopsOf(drawing);
  if (isEmpty(drawing)) {
    render(html`<p class="chart-ground blank">${writer.words.empty}</p>`, el);
    return;
  }
  const summary = writer.summary(drawing, stops);
  const label = `${drawing.title}. ${summary}. ${writer.words.keys}`;
  const key = writer.key(drawing);
  const said = (text: string) =>
    render(
      html`<p class="chart-said num" role="status">${text}</p>
        <div class="chart-ground" tabindex="0" role="group" aria-label=${label}></div>
        ${
          key.length > 0
            ? html`<ul class="chart-key">
                ${key.map(({ shape, text }) => html`<li><i class=${shape}></i>${text}</li>`)}
              </ul>`
            : nothing
        }`,
      el,
    );
  said(summary);
  const ground = el.querySelector<HTMLElement>(".chart-ground");
  if (!ground) return;
  await seen(ground);
  const { ChartView } = await import("@dothi/charts/view");
  new ChartView(ground, drawing, stops, writer, (stop) => said(stop ? writer.stop(stop, drawing.width) : summary));
}

/** Wait until an element is on the screen or nearly so. */
function seen(el: HTMLElement): Promise<void> {
  return new Promise((resolve) => {
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        observer.disconnect();
        resolve();
      },
      { rootMargin: "200px" },
    );
    observer.observe(el);
  });
}
