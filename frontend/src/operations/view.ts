// What the panels of the map page draw from: one value a frame, and the actions they may call.

import type { Language } from "@dothi/language/language";
import { writeValue } from "@dothi/language/numbers";
import { type TimeWriter, writeSpan } from "@dothi/language/times";
import { ALARMS, type Feature, type LiveAlarm } from "@dothi/live/protocol";
import { isLate, type LiveState, observedMs } from "@dothi/live/state";
import type { BaseGroup, Place } from "@dothi/map/view";
import type { SymbolForm } from "@dothi/page/symbol";
import type { Arranged, Pending, Tab } from "./alarms";
import type { LayerConfig, PageConfig } from "./config";
import type { Words } from "./messages";
import type { ReplayStatus } from "./replay";
import type { Choice } from "./scope";
import type { Hours, Timeline } from "./timeline";

export type Sheet = "none" | "layers" | "alarms" | "objects" | "time";
export type Column = "alarms" | "objects";

/** Which part of the city and whose things a person wants to see; "" for all. */
export interface Scope {
  readonly area: string;
  readonly department: string;
}

export interface Actions {
  select(key: string | null): void;
  show(key: string): void;
  filter(text: string): void;
  toggleLayer(id: string): void;
  toggleBase(group: BaseGroup): void;
  openSheet(sheet: Sheet): void;
  /** Open the dossier of a place, beside the screen; null is the one selected, or the middle of the map. */
  dossier(place: Place | null): void;
  zoomBy(steps: number): void;
  home(): void;
  retryFeed(): void;
  showColumn(column: Column): void;
  showTab(tab: Tab): void;
  hold(held: boolean): void;
  letIn(): void;
  acknowledge(id: number): void;
  shelve(id: number, minutes: string, reason: string): void;
  setScope(scope: Partial<Scope>): void;
  setHours(hours: Hours): void;
  /** Show the city as it was at a moment, Unix ms; null is live again. */
  replay(at: number | null): void;
  play(on: boolean): void;
}

export interface View {
  readonly language: Language;
  readonly words: Words;
  readonly times: TimeWriter;
  readonly config: PageConfig;
  /** What the screen shows: the city now, or as it was at `replay.at`. */
  readonly live: LiveState;
  /** The moment that the screen shows, Unix ms. */
  readonly now: number;
  /** The city's time, Unix ms, whatever the screen shows. */
  readonly present: number;
  readonly replay: { readonly at: number | null; readonly status: ReplayStatus; readonly playing: boolean };
  readonly column: Column;
  readonly tab: Tab;
  readonly queue: Arranged;
  readonly pending: Pick<Pending, "has">;
  /** What became of the last deed, to be read once; "" for nothing. */
  readonly notice: string;
  readonly scope: Scope;
  readonly scopes: { readonly areas: readonly Choice[]; readonly departments: readonly Choice[] };
  readonly timeline: Timeline | null;
  /** The timeline of the last 24 hours, whatever range is on the screen. */
  readonly day: Timeline | null;
  /** How many roads, waters and places the base map has; null before that is known. */
  readonly baseCounts: Readonly<Record<BaseGroup, number>> | null;
  readonly hours: Hours;
  readonly timelineWidth: number;
  readonly chart: { readonly place: HTMLElement; readonly unit: string; valueAt(ms: number): string };
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

/** Find the alarm that a key names, "alarms:12". */
export function alarmOf(view: Pick<View, "live">, key: string | null): LiveAlarm | undefined {
  if (!key?.startsWith(`${ALARMS}:`)) return undefined;
  return view.live.alarms.get(Number(key.slice(ALARMS.length + 1)));
}

/** Write for how long an alarm has stood. */
export function ageOfAlarm(alarm: LiveAlarm, now: number, language: Language): string {
  return writeSpan(language, (now - Date.parse(alarm.raised_at)) / 1000);
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
  const at = observedMs(feature);
  return at === null ? "" : writeSpan(language, (now - at) / 1000);
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
