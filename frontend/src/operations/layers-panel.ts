// The left column: each service in one line, what is shown of it, the base map's parts, the legend.

import { writeCount } from "@dothi/language/numbers";
import { writeSpan } from "@dothi/language/times";
import type { LiveAlarm } from "@dothi/live/protocol";
import { countLayers, type LayerCount } from "@dothi/live/state";
import type { BaseGroup } from "@dothi/map/view";
import { alarmSymbol, formOfState, type Priority } from "@dothi/page/alarm-symbol";
import { icon } from "@dothi/page/icon";
import { groupSymbol, symbol } from "@dothi/page/symbol";
import { html, nothing, svg, type TemplateResult } from "lit-html";
import { inOrder } from "./alarms";
import type { LayerConfig } from "./config";
import type { Choice } from "./scope";
import { countOpen } from "./timeline";
import type { View } from "./view";

const PRIORITIES: readonly Priority[] = [1, 2, 3, 4];

export function layersPanel(view: View): TemplateResult {
  const { words } = view;
  const counts = countsOf(view);
  return html`
    <div class="ph"><h2>${words.layers}</h2><span class="sp"></span>${view.config.alarms ? html`<span class="t3 small">${words.past24}</span>` : nothing}</div>
    ${view.config.layers.length === 0 ? html`<p class="empty">${words.noLayers}</p>` : nothing}
    ${domains(view, counts)} ${scope(view)}
    <fieldset class="base">
      <legend class="lbl">${words.baseLayers}</legend>
      ${view.config.layers.map((layer) => layerCheck(view, layer, counts.get(layer)))}
      ${baseCheck(view, "roads", words.roads)} ${baseCheck(view, "water", words.water)}
      ${baseCheck(view, "places", words.placeNames)}
    </fieldset>
    ${legend(view)}
  `;
}

/** Each service with its layers: the line of the first says how the service is. */
export function domains(view: View, counts = countsOf(view)): TemplateResult {
  return html`<ul class="lays">${[...counts].map(([layer, count]) => layerRow(view, layer, count))}</ul>`;
}

type Counts = ReadonlyMap<LayerConfig, LayerCount>;

function countsOf(view: View): Counts {
  return countLayers(view.live.features.values(), view.config.layers, view.now);
}

function layerRow(view: View, layer: LayerConfig, count: LayerCount): TemplateResult {
  const alarms = alarmsOf(view, layer.domain);
  const worst = alarms[0];
  return html`<li class="lay" data-layer=${layer.id} data-total=${count.total} data-headline=${count.headline} data-late=${count.late} data-alarms=${alarms.length}>
    ${icon(layer.icon)}
    <div class="n1">${nameOf(layer)}${view.config.alarms ? sparkline(view, layer.domain, worst) : nothing}</div>
    <div class="st">${view.live.known ? stateLine(view, layer, count, alarms.length) : html`<span class="bone line"></span>`}</div>
    <div class="a">${worst ? alarmSymbol(worst.priority, formOfState(worst.state)) : view.config.alarms ? html`<span class="t3" title=${view.words.calm}>${icon("check", "s")}</span>` : nothing}</div>
  </li>`;
}

function nameOf(layer: LayerConfig): TemplateResult {
  return layer.page === null
    ? html`<span class="ell">${layer.domain_name}</span>`
    : html`<a class="ell" href=${layer.page}>${layer.domain_name}</a>`;
}

/** Give the alarms of a service, the most pressing first. */
function alarmsOf(view: View, domain: string): LiveAlarm[] {
  const rules = view.config.alarms?.rules ?? {};
  return inOrder(view.live.alarms).filter((alarm) => rules[alarm.rule]?.domain === domain);
}

const SPARK = { width: 68, height: 16, count: 36 } as const;
const DAY = 86_400_000;

/** How many alarms of the service stood open in the last 24 hours; its end is coloured while some do. */
function sparkline(view: View, domain: string, worst: LiveAlarm | undefined): TemplateResult | typeof nothing {
  const known = view.day;
  if (!known) return nothing;
  const rules = view.config.alarms?.rules ?? {};
  const own = known.alarms.filter((alarm) => rules[alarm.rule]?.domain === domain);
  const counts = countOpen(own, known.now - DAY, known.now, SPARK.count);
  const most = Math.max(1, ...counts);
  const at = (count: number, place: number): string =>
    `${(1 + (place * (SPARK.width - 4)) / (SPARK.count - 1)).toFixed(1)} ${(SPARK.height - 2 - (count / most) * (SPARK.height - 5)).toFixed(1)}`;
  const end = at(counts.at(-1) ?? 0, SPARK.count - 1).split(" ");
  return html`<svg class="spark ${worst ? `p${worst.priority}` : ""}" width=${SPARK.width} height=${SPARK.height} aria-hidden="true">${svg`<rect x="0" y="4" width="66" height="9" rx="1"></rect><path d="M${counts.map(at).join("L")}"></path><circle cx=${end[0]} cy=${end[1]} r="2.2"></circle>`}</svg>`;
}

function stateLine(view: View, layer: LayerConfig, count: LayerCount, alarms: number): TemplateResult {
  const { words, language } = view;
  if (count.total === 0) return html`${words.noReadings}`;
  const name = layer.states[layer.headline]?.name ?? layer.headline;
  return html`<span class="num">${writeCount(language, count.headline)}/${writeCount(language, count.total)}</span>
    ${name}${count.late > 0 ? html` · <span class="num nw">${words.late(writeCount(language, count.late))}</span>` : nothing}${alarms > 0 ? html` · <span class="num nw">${words.openCount(writeCount(language, alarms))}</span>` : nothing}`;
}

/** What narrows the screen to a part of the city or a department; there only where things say whose they are. */
function scope(view: View): TemplateResult | typeof nothing {
  const { words, scopes } = view;
  if (scopes.areas.length + scopes.departments.length === 0) return nothing;
  const choice = (name: "area" | "department", label: string, all: string, values: readonly Choice[]) =>
    values.length === 0
      ? nothing
      : html`<label>${label}<select class="form-select" data-scope=${name} @change=${(event: Event) => view.actions.setScope({ [name]: (event.target as HTMLSelectElement).value })}>
          <option value="" ?selected=${view.scope[name] === ""}>${all}</option>
          ${values.map((each) => html`<option value=${each.code} ?selected=${view.scope[name] === each.code}>${"\u2003".repeat(each.depth)}${each.name}</option>`)}
        </select></label>`;
  return html`<fieldset class="base scope"><legend class="lbl">${words.scope}</legend>
    ${choice("area", words.area, words.everywhere, scopes.areas)}
    ${choice("department", words.department, words.everyone, scopes.departments)}
  </fieldset>`;
}

function layerCheck(view: View, layer: LayerConfig, counted: LayerCount | undefined): TemplateResult {
  const shown = !view.hiddenLayers.has(layer.id);
  const newestMs = counted?.newestMs ?? null;
  const age = newestMs === null ? "" : writeSpan(view.language, (view.now - newestMs) / 1000);
  const count = writeCount(view.language, counted?.total ?? 0);
  return check(shown, layer.name, () => view.actions.toggleLayer(layer.id), count, { word: view.words.newest, age });
}

function baseCheck(view: View, group: BaseGroup, name: string): TemplateResult {
  const count = view.baseCounts?.[group];
  return check(
    !view.hiddenBase.has(group),
    name,
    () => view.actions.toggleBase(group),
    count === undefined ? "" : writeCount(view.language, count),
  );
}

interface Newest {
  readonly word: string;
  readonly age: string;
}

function check(shown: boolean, name: string, toggle: () => void, count: string, newest?: Newest): TemplateResult {
  return html`<label class="ck">
    <input type="checkbox" .checked=${shown} @change=${toggle} />
    <i class=${shown ? "on" : ""} aria-hidden="true">${shown ? icon("check") : nothing}</i><span>${name}</span>${newest?.age ? html`<span class="num age" title=${`${newest.word} ${newest.age}`}><span class="visually-hidden">${newest.word}</span> ${newest.age}</span>` : nothing}<span class="num n">${count}</span>
  </label>`;
}

export function legend(view: View): TemplateResult {
  const { words, language } = view;
  return html`<section class="lege" aria-label=${words.legend}>
    ${view.config.alarms ? alarmLegend(view) : nothing}
    ${view.config.layers.map((layer) => {
      const states = Object.values(layer.states);
      const unsure = states.filter((state) => state.symbol === "dashed").map((state) => state.name);
      const late = [...unsure, words.legendLate(writeSpan(language, layer.late_after_s))].join(", ");
      return html`<h3 class="lbl">${layer.name}</h3>
        <ul class="g">
          ${states.filter((state) => state.symbol !== "dashed").map((state) => html`<li>${symbol(state.symbol)}<span>${state.name}</span></li>`)}
          <li>${symbol("dashed")}<span>${late}</span></li>
        </ul>`;
    })}
    <ul class="g"><li>${groupSymbol("12")}<span>${words.legendGroup}</span></li></ul>
  </section>`;
}

function alarmLegend(view: View): TemplateResult {
  const { words } = view;
  return html`<h3 class="lbl">${words.legendPriority}</h3>
    <ul class="g">${PRIORITIES.map((priority) => html`<li>${alarmSymbol(priority, "ak", 26)}<span>${words.priorities[priority]}</span></li>`)}</ul>
    <h3 class="lbl">${words.legendState}</h3>
    <ul class="g">
      <li>${alarmSymbol(3, "un", 26)}<span>${words.states.unacknowledged}</span></li>
      <li>${alarmSymbol(3, "ak", 26)}<span>${words.states.acknowledged}</span></li>
      <li>${alarmSymbol(3, "cl", 26)}<span>${words.tabs.cleared}</span></li>
    </ul>`;
}
