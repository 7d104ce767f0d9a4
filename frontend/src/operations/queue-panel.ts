// The right column's alarms: tabs with their counts, and the queue, which never moves under a person's hand.

import { writeCount } from "@dothi/language/numbers";
import type { LiveAlarm } from "@dothi/live/protocol";
import { ALARMS, keyOf } from "@dothi/live/protocol";
import { alarmSymbol, formOfState } from "@dothi/page/alarm-symbol";
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { countTabs, TABS, type Tab, titleOf } from "./alarms";
import type { AlarmsConfig } from "./config";
import { nextRow } from "./rows";
import { ageOfAlarm, type View } from "./view";

/** More rows than this are not drawn: who has more alarms than these works by the pages of alarms. */
export const MOST_ALARMS = 200;

export function queuePanel(view: View, config: AlarmsConfig): TemplateResult {
  const { words } = view;
  return html`
    ${tabBar(view)}
    ${view.queue.waiting > 0 ? html`<button type="button" class="waiting" @click=${() => view.actions.letIn()}>${words.waiting(writeCount(view.language, view.queue.waiting))}</button>` : nothing}
    <div class="rows" @pointermove=${() => view.actions.hold(true)} @pointerleave=${() => view.actions.hold(false)}>${rows(view, config)}</div>
  `;
}

function tabBar(view: View): TemplateResult {
  const counts = countTabs(view.live.alarms.values());
  const move = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    view.actions.showTab(TABS[(TABS.indexOf(view.tab) + step + TABS.length) % TABS.length] as Tab);
    requestAnimationFrame(() => document.querySelector<HTMLElement>(".qtabs [aria-selected=true]")?.focus());
  };
  return html`<div class="qtabs" role="tablist" aria-label=${view.words.queueTitle} @keydown=${move}>
    ${TABS.map((tab) => {
      const on = tab === view.tab;
      return html`<button type="button" role="tab" id=${`tab-${tab}`} aria-controls="alarm-rows" tabindex=${on ? 0 : -1} aria-selected=${on} class=${on ? "on" : ""} @click=${() => view.actions.showTab(tab)}>${view.words.tabs[tab]} <span class="num">${writeCount(view.language, counts[tab])}</span></button>`;
    })}
  </div>`;
}

function rows(view: View, config: AlarmsConfig): TemplateResult {
  const { words } = view;
  if (!view.live.known) {
    return html`<div class="loading" role="status"><span class="visually-hidden">${words.loading}</span>${[1, 2, 3].map(() => html`<div class="bone"></div>`)}</div>`;
  }
  const ids = view.queue.ids.slice(0, MOST_ALARMS);
  const hidden = view.queue.ids.length - ids.length;
  const keys = ids.map((id) => keyOf(ALARMS, id));
  const active = view.selected !== null && keys.includes(view.selected) ? rowId(view.selected) : nothing;
  return html`
    <ul class="alarms" id="alarm-rows" role="listbox" tabindex="0" aria-label=${words.tabs[view.tab]} aria-activedescendant=${active}
      @keydown=${(event: KeyboardEvent) => nextRow(view, keys, rowId, event)}>
      ${repeat(
        ids,
        (id) => id,
        (id) => row(view, config, id),
      )}
    </ul>
    ${ids.length === 0 ? html`<p class="empty" role="status">${view.tab === "all" ? words.noAlarms : words.noAlarmsOfTab}</p>` : nothing}
    ${hidden > 0 ? html`<p class="empty"><a href=${config.page}>${words.more(writeCount(view.language, hidden))}</a></p>` : nothing}
  `;
}

export function rowId(key: string): string {
  return `row-${key.replace(/[^\w-]/g, "-")}`;
}

function row(view: View, config: AlarmsConfig, id: number): TemplateResult {
  const key = keyOf(ALARMS, id);
  const alarm = view.live.alarms.get(id);
  if (!alarm) {
    return html`<li id=${rowId(key)} role="option" class="qa cl" aria-selected="false" data-alarm=${id} data-state="gone"><span></span><div class="ti">${view.words.over}</div></li>`;
  }
  const { words } = view;
  const form = formOfState(alarm.state);
  return html`<li id=${rowId(key)} role="option" class="qa ${form}" aria-selected=${key === view.selected} data-alarm=${id} data-state=${alarm.state} data-pending=${view.pending.has(id)}
    @click=${() => view.actions.show(key)}>
    ${alarmSymbol(alarm.priority, form)}
    <div class="ell"><div class="ti ell"><span class="visually-hidden">${words.priority} ${alarm.priority}, ${words.priorities[alarm.priority]}. </span>${titleOf(alarm, config, view.language)}</div><div class="pl ell">${alarm.thing || words.noThing}</div></div>
    <div class="ell"><div class="sx ell">${view.pending.has(id) ? words.acknowledging : words.states[alarm.state]}</div><div class="ow ell">${takenBy(view, alarm)}</div></div>
    <div class="ag num">${ageOfAlarm(alarm, view.now, view.language)}</div>
  </li>`;
}

/** Say who has the alarm: whoever acknowledged it. */
export function takenBy(view: Pick<View, "words">, alarm: LiveAlarm): string {
  if (alarm.state === "cleared") return "–";
  return alarm.acknowledged_by || (alarm.state === "acknowledged" ? "–" : view.words.notTaken);
}
