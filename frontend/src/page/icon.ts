// Icons of the sprite that the build collects.

import { html, svg, type TemplateResult } from "lit-html";
import spriteUrl from "../theme/generated/icons.svg?url&no-inline";

/** Draw an icon by its name in the sprite; it is decoration, so what it says must stand beside it in words. */
export function icon(name: string, size: "" | "s" | "xs" | "l" = ""): TemplateResult {
  const use = svg`<use href="${spriteUrl}#${name}"></use>`;
  return html`<svg class="ico ${size}" viewBox="0 0 24 24" aria-hidden="true">${use}</svg>`;
}
