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
  /** Code of the administrative unit, and whose it is; "" where unknown. */
  readonly area: string;
  readonly department: string;
}

export type AlarmState = "unacknowledged" | "acknowledged" | "cleared";

/** One alarm of the queue, in no language: what its rule is called, the page's configuration says. Times are ISO. */
export interface LiveAlarm {
  readonly id: number;
  readonly rule: string;
  readonly key: string;
  readonly priority: 1 | 2 | 3 | 4;
  readonly state: AlarmState;
  readonly thing_id: number;
  readonly thing: string;
  readonly kind: string;
  readonly lon: number | null;
  readonly lat: number | null;
  readonly raised_at: string;
  readonly since: string;
  readonly cleared_at: string | null;
  readonly acknowledged_at: string | null;
  readonly acknowledged_by: string;
  readonly times_raised: number;
  /** Ids of the Things it stands for. */
  readonly members: readonly number[];
  readonly detail: Readonly<Record<string, unknown>>;
  readonly simulated: boolean;
  readonly area: string;
  readonly department: string;
}

/** City time at the moment of sending, and city seconds per wall second. */
export interface ClockReading {
  readonly city_time: string;
  readonly speed: number;
}

export interface Snapshot extends ClockReading {
  readonly features: readonly Feature[];
  readonly alarms: readonly LiveAlarm[];
}

export interface Changes {
  readonly changed: readonly Feature[];
  readonly removed: readonly (readonly [layer: string, id: number])[];
  readonly alarms: readonly LiveAlarm[];
  /** Alarms that left the queue. */
  readonly gone: readonly number[];
}

/** A message of the feed with the moment it arrived, in milliseconds of the page's own steady clock. */
export type LiveEvent =
  | { readonly kind: "snapshot"; readonly data: Snapshot; readonly receivedAt: number }
  | { readonly kind: "changes"; readonly data: Changes; readonly receivedAt: number }
  | { readonly kind: "alarms"; readonly data: { readonly city_time: string }; readonly receivedAt: number }
  | { readonly kind: "clock"; readonly data: ClockReading; readonly receivedAt: number };

export const EVENT_KINDS = ["snapshot", "changes", "alarms", "clock"] as const;

/** What stands where a feature has its layer. */
export const ALARMS = "alarms";

/** Name a feature among all layers, or an alarm. */
export function keyOf(layer: string, id: number): string {
  return `${layer}:${id}`;
}
