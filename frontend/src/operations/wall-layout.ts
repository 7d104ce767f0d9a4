// The wall's parts: clock and services, map and time, the queue and the most pressing alarm.

import { writeCount } from "@dothi/language/numbers";
import { writeSpan } from "@dothi/language/times";
import type { LiveAlarm } from "@dothi/live/protocol";
import { ALARMS, keyOf } from "@dothi/live/protocol";
import { isSimulated } from "@dothi/live/state";
import { alarmSymbol, formOfState, type Priority } from "@dothi/page/alarm-symbol";
import { feedStatus } from "@dothi/page/city";
import { icon } from "@dothi/page/icon";
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { countTabs, titleOf, unseenForS } from "./alarms";
import type { AlarmsConfig } from "./config";
import { domains } from "./layers-panel";
import { takenBy } from "./queue-panel";
import { chart as timelineChart } from "./timeline-panel";
import { ageOfAlarm, type View } from "./view";

/** As many rows as there is room for. */
const MOST_ROWS = 7;
const PRIORITIES: readonly Priority[] = [1, 2, 3, 4];

export function wallLayout(view: View, first: LiveAlarm | undefined): TemplateResult {
  const { config } = view;
  return html`
    <section class="wl" aria-label=${view.words.layers}>${head(view)} ${domains(view)}</section>
    <div class="wc"><div class="canvas"></div>${legend(view)}<div class="attr">${view.words.attribution}${isSimulated(view.live.features.values()) ? ` · ${view.words.attributionSimulated}` : nothing}</div></div>
    <section class="wr" aria-label=${view.words.alarms}>${config.alarms ? queue(view, config.alarms) : nothing} ${config.alarms && first ? pressing(view, config.alarms, first) : nothing}</section>
    <section class="wt" aria-label=${view.words.timeline}>${view.timelineWidth > 0 ? timelineChart(view, innerWidth / 2) : nothing}</section>`;
}

function head(view: View): TemplateResult {
  const { times, words, language, now } = view;
  const feed = feedStatus.value;
  const status = feed?.status ?? "connecting";
  const span = writeSpan(language, (performance.now() - (feed?.silentSince ?? 0)) / 1000);
  return html`<div class="wh">
    <div class="row-x"><b class="wbrand">Dothi</b><span class="sp"></span><span class="row-x" data-feed=${status}><i class="pulse ${status}" aria-hidden="true"></i><span>${status === "lost" ? words.feedLost : words.live}</span></span></div>
    <div class="wclock num">${times.clock(now)}</div>
    <p class="t2"><b>${view.config.city.name}</b> ${times.date(now)}</p>
    ${status === "lost" ? html`<p class="wlost" role="alert">${icon("plug-connected-x")} ${words.lastKnown}: ${words.ago(span)}</p>` : nothing}
  </div>`;
}

function legend(view: View): TemplateResult | typeof nothing {
  if (!view.config.alarms) return nothing;
  return html`<div class="wlegend">${PRIORITIES.map((priority) => html`<span>${alarmSymbol(priority, "ak", 34)}${view.words.priorities[priority]}</span>`)}<span>${alarmSymbol(3, "un", 34)}${view.words.states.unacknowledged}</span></div>`;
}

function queue(view: View, config: AlarmsConfig): TemplateResult {
  const { words, language } = view;
  const counts = countTabs(view.live.alarms.values());
  const ids = view.queue.ids.slice(0, MOST_ROWS);
  const more = view.queue.ids.length - ids.length;
  return html`<div class="wph"><h2>${words.queueTitle}</h2><span class="t2"><span class="num">${writeCount(language, counts.unacknowledged)}</span> ${words.tabs.unacknowledged} · <span class="num">${writeCount(language, counts.acknowledged)}</span> ${words.tabs.acknowledged}${more > 0 ? html` · <span class="num">+${writeCount(language, more)}</span>` : nothing}</span></div>
    ${ids.length === 0 && view.live.known ? html`<p class="wempty t2">${words.noAlarms}</p>` : nothing}
    <ol class="wq">${repeat(
      ids,
      (id) => id,
      (id) => row(view, config, view.live.alarms.get(id)),
    )}</ol>`;
}

function row(view: View, config: AlarmsConfig, alarm: LiveAlarm | undefined): TemplateResult | typeof nothing {
  if (!alarm) return nothing;
  const form = formOfState(alarm.state);
  return html`<li class="qa ${form}" data-alarm=${alarm.id} data-state=${alarm.state}>
    ${alarmSymbol(alarm.priority, form, 44)}
    <div class="ell"><div class="ti ell">${titleOf(alarm, config, view.language)}</div><div class="pl ell">${alarm.thing || view.words.noThing}</div></div>
    <div class="ell"><div class="sx ell">${view.words.states[alarm.state]}</div><div class="ow ell">${takenBy(view, alarm)}</div></div>
    <div class="ag num">${ageOfAlarm(alarm, view.now, view.language)}</div>
  </li>`;
}

/** The most pressing alarm that stands and has a series to show, with what is to be done about it. */
function pressing(view: View, config: AlarmsConfig, alarm: LiveAlarm): TemplateResult {
  const { words, language, chart } = view;
  const unseen = unseenForS(alarm, view.now);
  const value = chart.valueAt(view.now);
  const steps = config.rules[alarm.rule]?.procedure ?? [];
  return html`<div class="wp" data-first=${keyOf(ALARMS, alarm.id)}>
    <div class="wph2">${alarmSymbol(alarm.priority, formOfState(alarm.state), 48)}
      <div class="sp"><h3>${titleOf(alarm, config, language)}</h3><p class="t2">${alarm.thing || words.noThing} · ${words.since(view.times.minute(Date.parse(alarm.raised_at)))}</p>${unseen === null ? nothing : html`<p>${words.escalate(writeSpan(language, unseen))}</p>`}</div>
      ${value ? html`<div class="wbig num">${value} <small>${chart.unit}</small></div>` : nothing}
    </div>
    <div class="wpb"><div class="chart-box">${chart.place}</div><ol class="proc">${steps.map((step) => html`<li>${step}</li>`)}</ol></div>
  </div>`;
}
