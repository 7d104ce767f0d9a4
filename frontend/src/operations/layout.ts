// The screen's parts in their places: services left, map, queue and detail right, time at the foot.

import { writeCount } from "@dothi/language/numbers";
import { html, nothing, type TemplateResult } from "lit-html";
import { alarmPanel, gonePanel } from "./alarm-panel";
import { detailPanel } from "./detail-panel";
import { layersPanel } from "./layers-panel";
import { lostBar, mapFrame, replayBar, sheetBar } from "./map-frame";
import { objectsPanel } from "./objects-panel";
import { queuePanel } from "./queue-panel";
import { timelinePanel } from "./timeline-panel";
import { alarmOf, type Column, type View } from "./view";

export function layout(view: View): TemplateResult {
  return html`${lostBar(view)} ${replayBar(view)}
    <aside class="left" aria-label=${view.words.layers}>${layersPanel(view)}</aside>
    <main class="centre"><div class="canvas"></div>${mapFrame(view)}</main>
    <aside class="right" data-column=${view.column} aria-label=${view.column === "alarms" ? view.words.alarms : view.words.objects}>${right(view)}</aside>
    <section class="time" aria-label=${view.words.timeline}>${timelinePanel(view)}</section>
    ${sheetBar(view)}`;
}

function right(view: View): TemplateResult {
  const alarms = view.config.alarms;
  const isQueue = alarms !== null && view.column === "alarms";
  return html`${columnHead(view)} ${isQueue ? queuePanel(view, alarms) : objectsPanel(view)} ${detail(view)}`;
}

function columnHead(view: View): TemplateResult {
  const { words, language } = view;
  if (view.config.alarms === null) {
    return html`<div class="ph"><h2 id="objects-title">${words.objects}</h2>${objectCount(view)}</div>`;
  }
  const button = (column: Column, name: string, count: TemplateResult | typeof nothing): TemplateResult => {
    const on = view.column === column;
    return html`<button type="button" aria-pressed=${on} class=${on ? "on" : ""} data-column=${column} @click=${() => view.actions.showColumn(column)}>${name} ${count}</button>`;
  };
  const isQueue = view.column === "alarms";
  return html`<div class="ph">
    <h2 id="objects-title" class=${isQueue ? "" : "grow"}>${isQueue ? words.queueTitle : words.objects}</h2>
    <span class="sp"></span>
    <div class="seg columns">
      ${button("alarms", words.alarmsShort, html`<span class="num">${writeCount(language, view.live.alarms.size)}</span>`)}
      ${button("objects", words.objectsShort, objectCount(view))}
    </div>
  </div>`;
}

function objectCount(view: View): TemplateResult | typeof nothing {
  return view.live.known
    ? html`<span class="num t3">${writeCount(view.language, view.live.features.size)}</span>`
    : nothing;
}

function detail(view: View): TemplateResult {
  const alarms = view.config.alarms;
  if (alarms && view.selected?.startsWith("alarms:")) {
    const alarm = alarmOf(view, view.selected);
    return alarm ? alarmPanel(view, alarms, alarm) : gonePanel(view, alarms, Number(view.selected.slice(7)));
  }
  return detailPanel(view);
}
