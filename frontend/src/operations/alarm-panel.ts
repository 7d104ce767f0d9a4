// The right column's lower part when an alarm is selected: what it is, its last 24 hours, what to do, and the doing.

import { writeCount } from "@dothi/language/numbers";
import { writeSpan } from "@dothi/language/times";
import type { LiveAlarm } from "@dothi/live/protocol";
import { alarmSymbol, formOfState } from "@dothi/page/alarm-symbol";
import { icon } from "@dothi/page/icon";
import { html, nothing, type TemplateResult } from "lit-html";
import { factsOf, titleOf, unseenForS } from "./alarms";
import type { AlarmsConfig } from "./config";
import { takenBy } from "./queue-panel";
import { ageOfAlarm, type View } from "./view";

export function alarmPanel(view: View, config: AlarmsConfig, alarm: LiveAlarm): TemplateResult {
  return html`<section class="det alarm" aria-labelledby="detail-title" data-detail=${`alarms:${alarm.id}`} data-state=${alarm.state}>
    ${head(view, config, alarm)} ${chips(view, alarm)}
    ${config.rules[alarm.rule]?.has_chart ? html`<div class="chart-box">${view.chart.place}</div>` : nothing}
    ${details(view, config, alarm)} ${procedure(view, config, alarm)} ${deeds(view, config, alarm)}
  </section>`;
}

/** What stands there when the selected alarm has gone. */
export function gonePanel(view: View, config: AlarmsConfig, id: number): TemplateResult {
  return html`<section class="det" aria-labelledby="detail-title" data-detail=${`alarms:${id}`} data-state="gone">
    <div class="hd"><div class="sp"><h3 id="detail-title">${view.words.goneTitle}</h3><p class="t2">${view.words.goneText}</p></div>${closeButton(view)}</div>
    <div class="acts"><a class="btn" href="${config.page}${id}/">${view.words.alarmPage}</a></div>
  </section>`;
}

function closeButton(view: View): TemplateResult {
  return html`<button type="button" class="btn btn-quiet btn-icon" aria-label=${view.words.close} @click=${() => view.actions.select(null)}>${icon("x", "s")}</button>`;
}

function head(view: View, config: AlarmsConfig, alarm: LiveAlarm): TemplateResult {
  const { words, times, chart } = view;
  const at = Date.parse(alarm.raised_at);
  const value = chart.valueAt(view.now);
  return html`<div class="hd">
    ${alarmSymbol(alarm.priority, formOfState(alarm.state), 34)}
    <div class="sp">
      <h3 id="detail-title">${titleOf(alarm, config, view.language)}</h3>
      <p class="t2">${alarm.thing || words.noThing}</p>
      <p class="t2"><span class="num">${words.since(times.minute(at))}</span> · <span class="num">${ageOfAlarm(alarm, view.now, view.language)}</span> · ${words.states[alarm.state]}</p>
    </div>
    ${value ? html`<div class="big num">${value} <small>${chart.unit}</small></div>` : nothing} ${closeButton(view)}
  </div>`;
}

function chips(view: View, alarm: LiveAlarm): TemplateResult {
  const { words, language } = view;
  const unseen = unseenForS(alarm, view.now);
  return html`<div class="chips">
    ${unseen === null ? nothing : html`<span class="chip escalate" role="status">${icon("arrow-big-up-lines", "xs")}${words.escalate(writeSpan(language, unseen))}</span>`}
    ${alarm.members.length > 0 ? html`<span class="chip">${words.stands(writeCount(language, alarm.members.length))}</span>` : nothing}
    ${alarm.times_raised > 1 ? html`<span class="chip">${words.times(writeCount(language, alarm.times_raised))}</span>` : nothing}
    ${alarm.simulated ? html`<span class="chip sim">${icon("flask", "xs")}${words.simulated}</span>` : nothing}
  </div>`;
}

function details(view: View, config: AlarmsConfig, alarm: LiveAlarm): TemplateResult | typeof nothing {
  const facts = factsOf(alarm, config, view.language);
  if (facts.length === 0) return nothing;
  return html`<dl class="facts">${facts.map(({ name, value }) => html`<dt>${name}</dt><dd class="num">${value}</dd>`)}</dl>`;
}

function procedure(view: View, config: AlarmsConfig, alarm: LiveAlarm): TemplateResult | typeof nothing {
  const rule = config.rules[alarm.rule];
  if (!rule || rule.procedure.length === 0) return nothing;
  return html`<div class="todo"><h4>${view.words.procedure} <span class="t3">${rule.owner}</span></h4>
    <ol class="proc">${rule.procedure.map((step) => html`<li>${step}</li>`)}</ol></div>`;
}

function deeds(view: View, config: AlarmsConfig, alarm: LiveAlarm): TemplateResult {
  const { words } = view;
  if (view.replay.at !== null) return html`<p class="t2 still">${icon("history", "s")}${words.replayNoDeeds}</p>`;
  const commands = view.config.actions.filter((action) => action.kind === alarm.kind);
  return html`<div class="deeds"><p class="notice" role="status">${view.notice}</p>
    <div class="acts">
      ${acknowledgeButton(view, config, alarm)}
      ${commands.map((each) => html`<a class="btn" data-deed="command" href=${each.path.replace("{thing}", String(alarm.thing_id))}>${icon(each.icon, "s")}${each.name}</a>`)}
      ${config.dispatch ? html`<a class="btn" data-deed="dispatch" href="${config.dispatch}?alarm=${alarm.id}">${icon("truck", "s")}${words.dispatch}</a>` : nothing}
      <a class="btn" href="${config.page}${alarm.id}/">${icon("file-description", "s")}${words.allOfIt}</a>
    </div>
    ${config.may_shelve ? shelving(view, config, alarm) : nothing}</div>`;
}

function acknowledgeButton(view: View, config: AlarmsConfig, alarm: LiveAlarm): TemplateResult {
  const { words } = view;
  const open = alarm.state !== "acknowledged";
  if (!config.may_acknowledge) return html`<span class="t2 taken">${takenBy(view, alarm)}</span>`;
  const busy = view.pending.has(alarm.id);
  return html`<button type="button" class="btn btn-main" data-deed="acknowledge" aria-keyshortcuts="a" ?disabled=${!open || busy} @click=${() => view.actions.acknowledge(alarm.id)}>${icon("check", "s")}${busy ? words.acknowledging : open ? words.acknowledge : words.states.acknowledged}</button>`;
}

function shelving(view: View, config: AlarmsConfig, alarm: LiveAlarm): TemplateResult {
  const { words, language } = view;
  const send = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    view.actions.shelve(alarm.id, String(form.get("minutes")), String(form.get("reason")));
  };
  return html`<details class="shelving"><summary>${icon("eye-off", "s")}${words.shelve}</summary>
    <form @submit=${send}>
      <label>${words.shelveFor}<select class="form-select" name="minutes">${config.shelve_minutes.map((minutes) => html`<option value=${minutes}>${writeSpan(language, minutes * 60)}</option>`)}</select></label>
      <label class="sp">${words.reason}<input class="form-control" name="reason" maxlength="2000" autocomplete="off" required /></label>
      <button class="btn">${words.shelve}</button>
    </form></details>`;
}
