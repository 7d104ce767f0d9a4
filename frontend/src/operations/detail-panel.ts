// The right column's lower part: all about the one selected thing.

import { writeDegrees } from "@dothi/language/numbers";
import type { Feature } from "@dothi/live/protocol";
import { icon } from "@dothi/page/icon";
import { symbol } from "@dothi/page/symbol";
import { html, nothing, type TemplateResult } from "lit-html";
import type { LayerConfig } from "./config";
import { type Described, describe, layerOf, type View } from "./view";

export function detailPanel(view: View): TemplateResult {
  const feature = view.selected === null ? undefined : view.live.features.get(view.selected);
  const layer = feature && layerOf(view.config, feature);
  if (!feature || !layer) {
    const hint = view.live.features.size > 0 ? view.words.pick : nothing;
    return html`<section class="det none" aria-label=${view.words.detail}><p class="t3">${hint}</p></section>`;
  }
  const said = describe(feature, layer, view);
  return html`<section class="det" aria-labelledby="detail-title" data-detail=${view.selected} data-state=${feature.state}>
    ${head(view, feature, layer, said)} ${facts(view, feature, layer, said)} ${links(view, feature, layer)}
  </section>`;
}

function head(view: View, feature: Feature, layer: LayerConfig, said: Described): TemplateResult {
  const { words } = view;
  return html`<div class="hd">
    ${symbol(said.form, 32)}
    <div class="sp">
      <h3 id="detail-title">${feature.name}</h3>
      <p class="t2">${layer.name} · ${said.late ? `${words.lastKnown}: ${said.state}` : said.state}</p>
      ${feature.simulated ? html`<span class="chip sim">${icon("flask", "xs")}${words.simulated}</span>` : nothing}
    </div>
    ${feature.value === null ? nothing : html`<div class="big num ${said.late ? "old" : ""}">${said.value.replace(feature.unit, "").trim()} <small>${feature.unit}</small></div>`}
    <button type="button" class="btn btn-quiet btn-icon" aria-label=${words.close} @click=${() => view.actions.select(null)}>${icon("x", "s")}</button>
  </div>`;
}

function facts(view: View, feature: Feature, layer: LayerConfig, said: Described): TemplateResult {
  const { words, language, times } = view;
  const at = feature.observed_at === null ? null : Date.parse(feature.observed_at);
  return html`<dl class="facts">
    <dt>${words.observedAt}</dt>
    <dd>${at === null ? words.neverReported : html`<span class="num b">${times.clock(at)}</span> <span class="t3">${times.date(at)}</span>`}</dd>
    <dt>${words.age}</dt>
    <dd class="num">${said.late && said.age ? html`<span class="late">${icon("clock-exclamation", "s")} ${words.lateFor(said.age)}</span>` : said.age || "–"}</dd>
    <dt>${words.layer}</dt>
    <dd>${layer.domain_name} · ${layer.name}</dd>
    <dt>${words.place}</dt>
    <dd class="num">${writeDegrees(language, feature.lat)}°, ${writeDegrees(language, feature.lon)}°</dd>
  </dl>`;
}

function links(view: View, feature: Feature, layer: LayerConfig): TemplateResult {
  const { words } = view;
  return html`<div class="acts">
    ${layer.page === null ? nothing : html`<a class="btn btn-main" href=${layer.page}>${icon(layer.icon, "s")}${words.openPage(layer.page_name ?? layer.domain_name)}</a>`}
    <a class="btn" href="/sensorthings/v1.1/Things(${feature.id})">${icon("code", "s")}${words.record}</a>
  </div>`;
}
