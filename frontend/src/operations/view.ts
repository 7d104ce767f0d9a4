// What the panels of the map page draw from: one value a frame, and the actions they may call.

import type { Language } from "@dothi/language/language";
import { writeValue } from "@dothi/language/numbers";
import { type TimeWriter, writeSpan } from "@dothi/language/times";
import type { Feature } from "@dothi/live/protocol";
import { isLate, type LiveState } from "@dothi/live/state";
import type { BaseGroup } from "@dothi/map/view";
import type { SymbolForm } from "@dothi/page/symbol";
import type { LayerConfig, PageConfig } from "./config";
import type { Words } from "./messages";

export type Sheet = "none" | "layers" | "objects";

export interface Actions {
  select(key: string | null): void;
  show(key: string): void;
  filter(text: string): void;
  toggleLayer(id: string): void;
  toggleBase(group: BaseGroup): void;
  openSheet(sheet: Sheet): void;
  zoomBy(steps: number): void;
  home(): void;
  retryFeed(): void;
}

export interface View {
  readonly language: Language;
  readonly words: Words;
  readonly times: TimeWriter;
  readonly config: PageConfig;
  readonly live: LiveState;
  /** The city's time, Unix ms. */
  readonly now: number;
  readonly selected: string | null;
  readonly filter: string;
  readonly hiddenLayers: ReadonlySet<string>;
  readonly hiddenBase: ReadonlySet<BaseGroup>;
  readonly sheet: Sheet;
  readonly mapProblem: "webgl" | "base" | null;
  readonly order: readonly string[];
  readonly actions: Actions;
}

/** Find the layer of a feature; a feature of a layer the page does not know is not shown at all. */
export function layerOf(config: PageConfig, feature: Feature): LayerConfig | undefined {
  return config.layers.find((layer) => layer.id === feature.layer);
}

export interface Described {
  readonly late: boolean;
  readonly form: SymbolForm;
  /** The state in words, without regard to lateness. */
  readonly state: string;
  /** "98,4 W", or "" where there is no value. */
  readonly value: string;
  /** How old the reading is, "12 giây", or "" where there is none. */
  readonly age: string;
}

/** Say how a feature is drawn: by its state's symbol, dashed when it is late. */
export function formOf(feature: Feature, layer: LayerConfig, now: number): { late: boolean; form: SymbolForm } {
  const late = isLate(feature, now, layer.late_after_s);
  return { late, form: late ? "dashed" : (layer.states[feature.state]?.symbol ?? "hollow") };
}

/** Write how old a feature's reading is; "" if it never reported. */
export function ageOf(feature: Feature, now: number, language: Language): string {
  return feature.observed_at === null ? "" : writeSpan(language, (now - Date.parse(feature.observed_at)) / 1000);
}

/** Say what a feature looks like and reads as, at a city time in Unix ms. */
export function describe(
  feature: Feature,
  layer: LayerConfig,
  at: { readonly now: number; readonly language: Language; readonly words: Words },
): Described {
  const state = layer.states[feature.state]?.name ?? at.words.unknownState;
  return {
    ...formOf(feature, layer, at.now),
    state: feature.observed_at === null ? at.words.neverReported : state,
    value: feature.value === null ? "" : `${writeValue(at.language, feature.value)} ${feature.unit}`.trim(),
    age: ageOf(feature, at.now, at.language),
  };
}
