// The right column's list: every thing on the map, reachable and selectable by keyboard alone.

import { writeCount } from "@dothi/language/numbers";
import type { Feature } from "@dothi/live/protocol";
import { icon } from "@dothi/page/icon";
import { symbol } from "@dothi/page/symbol";
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { nextRow } from "./rows";
import { describe, layerOf, type View } from "./view";

/** More rows than this are not drawn: nobody scrolls through them, the filter finds what is meant. */
const MOST_ROWS = 200;

export function objectsPanel(view: View): TemplateResult {
  const total = view.live.features.size;
  return html`
    ${total > 0 ? filterField(view) : nothing} ${body(view, total)}
  `;
}

function filterField(view: View): TemplateResult {
  return html`<div class="filter">
    ${icon("search", "s")}
    <input id="objects-filter" type="search" class="form-control" autocomplete="off" aria-label=${view.words.filter} placeholder=${view.words.filter} .value=${view.filter} @input=${(event: Event) => view.actions.filter((event.target as HTMLInputElement).value)} />
  </div>`;
}

function body(view: View, total: number): TemplateResult {
  const { words } = view;
  if (!view.live.known) {
    return html`<div class="loading" role="status"><span class="visually-hidden">${words.loading}</span>${[1, 2, 3].map(() => html`<div class="bone"></div>`)}</div>`;
  }
  if (total === 0) {
    return html`<div class="empty">
      <p class="b">${words.emptyTitle}</p>
      <p>${words.emptyText}</p>
      <a class="btn" href="/sensorthings/v1.1/">${icon("api")}${words.emptyAction}</a>
    </div>`;
  }
  if (view.order.length === 0) {
    return html`<div class="empty" role="status"><p>${words.noMatch}</p><button type="button" class="btn" @click=${() => view.actions.filter("")}>${words.clearFilter}</button></div>`;
  }
  return list(view);
}

function list(view: View): TemplateResult {
  const keys = view.order.slice(0, MOST_ROWS);
  const hidden = view.order.length - keys.length;
  const active = view.selected !== null && keys.includes(view.selected) ? rowId(view.selected) : nothing;
  return html`
    <ul class="objects" role="listbox" tabindex="0" aria-labelledby="objects-title" aria-activedescendant=${active} @keydown=${(event: KeyboardEvent) => nextRow(view, keys, rowId, event)}>
      ${repeat(
        keys,
        (key) => key,
        (key) => row(view, key, view.live.features.get(key)),
      )}
    </ul>
    ${hidden > 0 ? html`<p class="empty">${view.words.more(writeCount(view.language, hidden))}</p>` : nothing}
  `;
}

function rowId(key: string): string {
  return `object-${key.replace(/[^\w-]/g, "-")}`;
}

function row(view: View, key: string, feature: Feature | undefined): TemplateResult | typeof nothing {
  const layer = feature && layerOf(view.config, feature);
  if (!feature || !layer) return nothing;
  const said = describe(feature, layer, view);
  return html`<li
    id=${rowId(key)} role="option" class="q" aria-selected=${key === view.selected}
    data-feature=${key} data-state=${feature.state} data-value=${feature.value ?? ""} data-late=${said.late}
    @click=${() => view.actions.show(key)}>
    ${symbol(said.form, 24)}
    <div class="ell"><div class="ti ell">${feature.name}</div><div class="pl ell">${said.late && said.age ? view.words.lateFor(said.age) : said.state}</div></div>
    <div class="va"><div class="num">${said.value}</div><div class="ag num">${said.late ? nothing : said.age}</div></div>
  </li>`;
}
