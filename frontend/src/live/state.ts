// What a page knows of the city: a pure fold of the feed's messages.

import { type CityClock, reanchor } from "./clock";
import { type Changes, type Feature, keyOf, type LiveAlarm, type LiveEvent, type Snapshot } from "./protocol";

export interface LiveState {
  readonly features: ReadonlyMap<string, Feature>;
  readonly alarms: ReadonlyMap<number, LiveAlarm>;
  readonly clock: CityClock | null;
  /** Whether a snapshot has arrived: before it, an empty map means "not known yet", not "nothing there". */
  readonly known: boolean;
}

export const NOTHING_KNOWN: LiveState = { features: new Map(), alarms: new Map(), clock: null, known: false };

/** Give the state after one message. The old state stays as it was; changes before the first snapshot count too. */
export function apply(state: LiveState, event: LiveEvent): LiveState {
  switch (event.kind) {
    case "snapshot":
      return { ...contentOf(event.data), clock: reanchor(state.clock, event.data, event.receivedAt), known: true };
    case "changes":
      return { ...state, ...changed(state, event.data) };
    case "alarms":
      return state;
    case "clock":
      return { ...state, clock: reanchor(state.clock, event.data, event.receivedAt) };
  }
}

/** Give what a snapshot holds, by key. */
export function contentOf(snapshot: Snapshot): Pick<LiveState, "features" | "alarms"> {
  return {
    features: new Map(snapshot.features.map((feature) => [keyOf(feature.layer, feature.id), feature])),
    alarms: new Map(snapshot.alarms.map((alarm) => [alarm.id, alarm])),
  };
}

/** Copy only that of the two which changed: whoever looks at the other sees that it is the same. */
function changed(state: LiveState, changes: Changes): Partial<LiveState> {
  const features = new Map(state.features);
  for (const [layer, id] of changes.removed) features.delete(keyOf(layer, id));
  for (const feature of changes.changed) features.set(keyOf(feature.layer, feature.id), feature);
  if (changes.alarms.length + changes.gone.length === 0) return { features };
  const alarms = new Map(state.alarms);
  for (const id of changes.gone) alarms.delete(id);
  for (const alarm of changes.alarms) alarms.set(alarm.id, alarm);
  return { features, alarms };
}

/** Each feature's moment is read once, not whenever something is drawn: a city has thousands of features. */
const moments = new WeakMap<Feature, number>();

/** Give when a feature was observed, Unix ms; null if it never reported. */
export function observedMs(feature: Feature): number | null {
  if (feature.observed_at === null) return null;
  const known = moments.get(feature);
  if (known !== undefined) return known;
  const read = Date.parse(feature.observed_at);
  moments.set(feature, read);
  return read;
}

/** Say whether a feature's newest reading is older than its layer allows; one that never reported is late too. */
export function isLate(feature: Feature, cityMs: number, lateAfterS: number): boolean {
  return isOld(observedMs(feature), cityMs, lateAfterS);
}

function isOld(at: number | null, cityMs: number, lateAfterS: number): boolean {
  return at === null || cityMs - at > lateAfterS * 1000;
}

export interface LayerCount {
  readonly total: number;
  readonly headline: number;
  readonly late: number;
  /** Unix ms of the newest reading, or null if there is none. */
  readonly newestMs: number | null;
}

type Counted = { -readonly [name in keyof LayerCount]: LayerCount[name] };

/** Count each layer for its line in the panel. A late feature is not counted as being in its last known state. */
export function countLayers<
  L extends { readonly id: string; readonly headline: string; readonly late_after_s: number },
>(features: Iterable<Feature>, layers: readonly L[], cityMs: number): ReadonlyMap<L, LayerCount> {
  const counts = new Map(layers.map((layer) => [layer, { total: 0, headline: 0, late: 0, newestMs: null } as Counted]));
  const byId = new Map([...counts].map(([layer, count]) => [layer.id, { layer, count }]));
  for (const feature of features) {
    const found = byId.get(feature.layer);
    if (found) count(found.count, feature, found.layer, cityMs);
  }
  return counts;
}

function count(
  into: Counted,
  feature: Feature,
  layer: { readonly headline: string; readonly late_after_s: number },
  cityMs: number,
): void {
  const at = observedMs(feature);
  into.total += 1;
  if (isOld(at, cityMs, layer.late_after_s)) into.late += 1;
  else if (feature.state === layer.headline) into.headline += 1;
  if (at !== null) into.newestMs = Math.max(into.newestMs ?? 0, at);
}

/** Say whether any of some features is of a simulator. */
export function isSimulated(features: Iterable<Feature>): boolean {
  for (const feature of features) if (feature.simulated) return true;
  return false;
}
