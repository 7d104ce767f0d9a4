// The left column: layers with their state in one line, the base map's parts, the legend.

import { writeCount } from "@dothi/language/numbers";
import { writeSpan } from "@dothi/language/times";
import { countLayer, type LayerCount } from "@dothi/live/state";
import type { BaseGroup } from "@dothi/map/view";
import { icon } from "@dothi/page/icon";
import { groupSymbol, symbol } from "@dothi/page/symbol";
import { html, nothing, type TemplateResult } from "lit-html";
import type { LayerConfig } from "./config";
import type { View } from "./view";

export function layersPanel(view: View): TemplateResult {
  const { words } = view;
  return html`
    <div class="ph"><h2>${words.layers}</h2><span class="sp"></span><span class="t3 small">${words.newest}</span></div>
    ${view.config.layers.length === 0 ? html`<p class="empty">${words.noLayers}</p>` : nothing}
    <ul class="lays">${view.config.layers.map((layer) => layerRow(view, layer))}</ul>
    <fieldset class="base">
      <legend class="lbl">${words.baseMap}</legend>
      ${baseCheck(view, "roads", words.roads)} ${baseCheck(view, "water", words.water)}
      ${baseCheck(view, "places", words.placeNames)}
    </fieldset>
    ${legend(view)}
  `;
}

function layerRow(view: View, layer: LayerConfig): TemplateResult {
  const { words, language } = view;
  const count = countLayer(view.live.features.values(), layer, view.now);
  const shown = !view.hiddenLayers.has(layer.id);
  const age = count.newestMs === null ? "" : writeSpan(language, (view.now - count.newestMs) / 1000);
  return html`<li class="lay" data-layer=${layer.id} data-total=${count.total} data-headline=${count.headline} data-late=${count.late}>
    ${icon(layer.icon)}
    <div class="n1"><span class="ell">${layer.name}</span><span class="num t3 small nw">${age}</span></div>
    <div class="st">${view.live.known ? stateLine(view, layer, count) : html`<span class="bone line"></span>`}</div>
    <div class="a">
      <button type="button" class="btn btn-quiet btn-icon" aria-pressed=${shown} aria-label=${words.showLayer(layer.name)} title=${words.showLayer(layer.name)} @click=${() => view.actions.toggleLayer(layer.id)}>${shown ? icon("eye", "s") : icon("eye-off", "s")}</button>
    </div>
    ${layer.page === null ? nothing : html`<a class="go" href=${layer.page}>${words.openPage(layer.page_name ?? layer.domain_name)} ${icon("chevron-right", "xs")}</a>`}
  </li>`;
}

function stateLine(view: View, layer: LayerConfig, count: LayerCount): TemplateResult {
  const { words, language } = view;
  if (count.total === 0) return html`${words.noReadings}`;
  const name = layer.states[layer.headline]?.name ?? layer.headline;
  return html`<span class="num">${writeCount(language, count.headline)}/${writeCount(language, count.total)}</span>
    ${name}${count.late > 0 ? html` · <span class="num">${words.late(writeCount(language, count.late))}</span>` : nothing}`;
}

function baseCheck(view: View, group: BaseGroup, name: string): TemplateResult {
  const shown = !view.hiddenBase.has(group);
  return html`<label class="ck">
    <input type="checkbox" .checked=${shown} @change=${() => view.actions.toggleBase(group)} />
    <i class=${shown ? "on" : ""} aria-hidden="true">${shown ? icon("check") : nothing}</i><span>${name}</span>
  </label>`;
}

function legend(view: View): TemplateResult {
  const { words, language } = view;
  return html`<section class="lege" aria-label=${words.legend}>
    ${view.config.layers.map((layer) => {
      const states = Object.values(layer.states);
      const unsure = states.filter((state) => state.symbol === "dashed").map((state) => state.name);
      const late = [...unsure, words.legendLate(writeSpan(language, layer.late_after_s))].join(", ");
      return html`<h3 class="lbl">${layer.name}</h3>
        <ul class="g">
          ${states.filter((state) => state.symbol !== "dashed").map((state) => html`<li>${symbol(state.symbol)}<span>${state.name}</span></li>`)}
          <li>${symbol("dashed")}<span>${late}</span></li>
          <li>${groupSymbol("12")}<span>${words.legendGroup}</span></li>
        </ul>`;
    })}
  </section>`;
}
