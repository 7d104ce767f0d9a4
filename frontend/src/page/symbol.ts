// The symbol of a thing on the map: grey and round while nothing is wrong, its fill saying its state.

import { html, type SVGTemplateResult, svg, type TemplateResult } from "lit-html";

export type SymbolForm = "filled" | "hollow" | "dashed";

/** Geometry in pixels, shared with the map's own images. */
export const SYMBOL = { radius: 6, line: 1.8, dash: [2.9, 2.4] } as const;

/** Draw the symbol for lists and legends; decoration, the words stand beside it. */
export function symbol(form: SymbolForm, size = 20): TemplateResult {
  return html`<svg class="thing ${form}" width=${size} height=${size} viewBox="-10 -10 20 20" aria-hidden="true">${disc()}</svg>`;
}

function disc(): SVGTemplateResult {
  return svg`<circle class="disc" r=${SYMBOL.radius}></circle>`;
}

/** Draw the symbol of a group, as the map draws it. */
export function groupSymbol(count: string, size = 20): TemplateResult {
  const parts = svg`<circle class="disc" r="9"></circle><text y="3.2" font-size="9">${count}</text>`;
  return html`<svg class="thing group" width=${size} height=${size} viewBox="-10 -10 20 20" aria-hidden="true">${parts}</svg>`;
}
