// The symbol of an alarm: shape and digit say the priority, the fill says the state; colour only doubles them.

import type { AlarmState } from "@dothi/live/protocol";
import { html, nothing, svg, type TemplateResult } from "lit-html";

export type Priority = 1 | 2 | 3 | 4;
/** Solid with a halo, outline, or dashed and grey. */
export type AlarmForm = "un" | "ak" | "cl";

interface Shape {
  readonly shape: string;
  readonly halo: string;
  /** Baseline and size of the digit. */
  readonly y: number;
  readonly size: number;
}

/** Paths in a box from -14 to 14, shared with the map's own images. */
export const ALARM_SHAPES: Readonly<Record<Priority, Shape>> = {
  1: { shape: "M-8-8H8V8H-8Z", halo: "M-11.4-11.4H11.4V11.4H-11.4Z", y: 4, size: 11 },
  2: { shape: "M0-9.6L9.9 7.3H-9.9Z", halo: "M0-14.2L14.6 10.4H-14.6Z", y: 4.9, size: 9 },
  3: { shape: "M0-10L10 0L0 10L-10 0Z", halo: "M0-13.8L13.8 0L0 13.8L-13.8 0Z", y: 3.6, size: 10 },
  4: {
    shape: "M0-9A9 9 0 1 1 0 9A9 9 0 1 1 0-9Z",
    halo: "M0-12.4A12.4 12.4 0 1 1 0 12.4A12.4 12.4 0 1 1 0-12.4Z",
    y: 3.8,
    size: 10.5,
  },
};

const FORMS: Readonly<Record<string, AlarmForm>> = { unacknowledged: "un", acknowledged: "ak" };

/** Give the fill that says a state; every other than the two is over. */
export function formOfState(state: AlarmState | string): AlarmForm {
  return FORMS[state] ?? "cl";
}

/** Draw the symbol; the words stand beside it. */
export function alarmSymbol(priority: Priority, form: AlarmForm, size = 28): TemplateResult {
  return html`<svg class="al p${priority} ${form}" width=${size} height=${size} viewBox="-14 -14 28 28" aria-hidden="true">${alarmShape(priority, form)}</svg>`;
}

/** Draw the symbol's parts into an SVG that is there already. */
export function alarmShape(priority: Priority, form: AlarmForm, digit = true): TemplateResult {
  const { shape, halo, y, size } = ALARM_SHAPES[priority];
  return svg`${form === "un" ? svg`<path class="halo" d=${halo}></path>` : nothing}<path class="sh" d=${shape}></path>${
    digit ? svg`<text y=${y} font-size=${size}>${priority}</text>` : nothing
  }` as unknown as TemplateResult;
}
