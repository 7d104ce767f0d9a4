// The feed's events as the shared worker hands them to a page: features by column instead of one object each, since
// thousands of objects cost a page's own thread many times as much to copy as the same in a few arrays.

import type { Changes, Feature, LiveEvent, Snapshot } from "./protocol";

/** Which fields of a feature have few different values: each value is told once, and named by its place. */
const CODED = ["layer", "state", "unit", "area", "department"] as const;

/** Features by column: the n-th value of each belongs to the n-th feature. */
export interface PackedFeatures {
  readonly ids: Float64Array;
  readonly lons: Float64Array;
  readonly lats: Float64Array;
  /** Not a number where there is no value. */
  readonly values: Float64Array;
  readonly simulated: Uint8Array;
  readonly names: readonly string[];
  readonly observed: readonly (string | null)[];
  readonly words: readonly string[];
  /** For each feature the places among the words of its fields, in the order of `CODED`. */
  readonly codes: Uint32Array;
}

type Packed<Kind extends LiveEvent["kind"], Data> = {
  readonly kind: Kind;
  readonly data: Data;
  readonly receivedAt: number;
};

export type PackedEvent =
  | Packed<"snapshot", Omit<Snapshot, "features"> & { readonly features: PackedFeatures }>
  | Packed<"changes", Omit<Changes, "changed"> & { readonly changed: PackedFeatures }>
  | Extract<LiveEvent, { kind: "alarms" | "clock" }>;

export function pack(features: readonly Feature[]): PackedFeatures {
  const places = new Map<string, number>();
  const codes = new Uint32Array(features.length * CODED.length);
  let at = 0;
  for (const feature of features) {
    for (const field of CODED) {
      const word = feature[field];
      const place = places.get(word) ?? places.size;
      if (place === places.size) places.set(word, place);
      codes[at++] = place;
    }
  }
  return {
    ids: Float64Array.from(features, (feature) => feature.id),
    lons: Float64Array.from(features, (feature) => feature.lon),
    lats: Float64Array.from(features, (feature) => feature.lat),
    values: Float64Array.from(features, (feature) => feature.value ?? Number.NaN),
    simulated: Uint8Array.from(features, (feature) => Number(feature.simulated)),
    names: features.map((feature) => feature.name),
    observed: features.map((feature) => feature.observed_at),
    words: [...places.keys()],
    codes,
  };
}

export function unpack(packed: PackedFeatures): Feature[] {
  const { ids, lons, lats, values, simulated, names, observed, words, codes } = packed;
  const wordOf = (feature: number, field: number): string => words[codes[feature * CODED.length + field] ?? 0] ?? "";
  return names.map((name, place) => {
    const value = values[place] ?? Number.NaN;
    return {
      layer: wordOf(place, 0),
      id: ids[place] ?? 0,
      name,
      lon: lons[place] ?? 0,
      lat: lats[place] ?? 0,
      state: wordOf(place, 1),
      value: Number.isNaN(value) ? null : value,
      unit: wordOf(place, 2),
      observed_at: observed[place] ?? null,
      simulated: simulated[place] === 1,
      area: wordOf(place, 3),
      department: wordOf(place, 4),
    };
  });
}

export function packEvent(event: LiveEvent): PackedEvent {
  const { receivedAt } = event;
  if (event.kind === "snapshot") {
    return { kind: event.kind, data: { ...event.data, features: pack(event.data.features) }, receivedAt };
  }
  if (event.kind === "changes") {
    return { kind: event.kind, data: { ...event.data, changed: pack(event.data.changed) }, receivedAt };
  }
  return event;
}

export function unpackEvent(event: PackedEvent): LiveEvent {
  const { receivedAt } = event;
  if (event.kind === "snapshot") {
    return { kind: event.kind, data: { ...event.data, features: unpack(event.data.features) }, receivedAt };
  }
  if (event.kind === "changes") {
    return { kind: event.kind, data: { ...event.data, changed: unpack(event.data.changed) }, receivedAt };
  }
  return event;
}
