// The live feed's words, as the server sends them over SSE.

/** One thing on the map, as it is now. `observed_at` is an ISO time, or null if it never reported. */
export interface Feature {
  readonly layer: string;
  readonly id: number;
  readonly name: string;
  readonly lon: number;
  readonly lat: number;
  readonly state: string;
  readonly value: number | null;
  readonly unit: string;
  readonly observed_at: string | null;
  readonly simulated: boolean;
}

/** City time at the moment of sending, and city seconds per wall second. */
export interface ClockReading {
  readonly city_time: string;
  readonly speed: number;
}

export interface Snapshot extends ClockReading {
  readonly features: readonly Feature[];
}

export interface Changes {
  readonly changed: readonly Feature[];
  readonly removed: readonly (readonly [layer: string, id: number])[];
}

/** A message of the feed with the moment it arrived, in milliseconds of the page's own steady clock. */
export type LiveEvent =
  | { readonly kind: "snapshot"; readonly data: Snapshot; readonly receivedAt: number }
  | { readonly kind: "changes"; readonly data: Changes; readonly receivedAt: number }
  | { readonly kind: "alarms"; readonly data: { readonly city_time: string }; readonly receivedAt: number }
  | { readonly kind: "clock"; readonly data: ClockReading; readonly receivedAt: number };

export const EVENT_KINDS = ["snapshot", "changes", "alarms", "clock"] as const;

/** Name a feature among all layers. */
export function keyOf(layer: string, id: number): string {
  return `${layer}:${id}`;
}
