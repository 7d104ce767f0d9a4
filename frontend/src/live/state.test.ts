import { describe, expect, it } from "vitest";
import { cityTimeAt } from "./clock";
import { makeAlarm } from "./making";
import type { Feature, LiveAlarm, LiveEvent } from "./protocol";
import { apply, countLayers, isLate, type LiveState, NOTHING_KNOWN } from "./state";

const NOON = "2026-06-21T05:00:00+00:00";
const NOON_MS = Date.parse(NOON);

function lamp(id: number, more: Partial<Feature> = {}): Feature {
  return {
    layer: "lighting.lamps",
    id,
    name: `Đèn ${id}`,
    lon: 106.66,
    lat: 11.05,
    state: "on",
    value: 98.4,
    unit: "W",
    observed_at: NOON,
    simulated: true,
    area: "",
    department: "",
    ...more,
  };
}

function snapshot(features: Feature[], receivedAt = 0, alarms: LiveAlarm[] = []): LiveEvent {
  return { kind: "snapshot", data: { city_time: NOON, speed: 5, features, alarms }, receivedAt };
}

function changes(
  changed: Feature[],
  removed: [string, number][] = [],
  alarms: LiveAlarm[] = [],
  gone: number[] = [],
): LiveEvent {
  return { kind: "changes", data: { changed, removed, alarms, gone }, receivedAt: 0 };
}

function fold(...events: LiveEvent[]): LiveState {
  return events.reduce(apply, NOTHING_KNOWN);
}

describe("apply", () => {
  it("keeps alarms as it keeps features, and the same map while none changed", () => {
    const state = fold(snapshot([lamp(1)], 0, [makeAlarm(1), makeAlarm(2)]), changes([], [], [makeAlarm(3)], [1]));
    expect([...state.alarms.keys()]).toEqual([2, 3]);
    expect(apply(state, changes([lamp(2)])).alarms).toBe(state.alarms);
  });

  it("takes a snapshot as all there is", () => {
    const state = fold(snapshot([lamp(1), lamp(2)]), snapshot([lamp(3)]));
    expect([...state.features.keys()]).toEqual(["lighting.lamps:3"]);
    expect(state.known).toBe(true);
  });

  it("gives after snapshot and changes what a fresh snapshot gives", () => {
    const changed = lamp(2, { state: "off", value: 0 });
    const state = fold(snapshot([lamp(1), lamp(2)]), changes([changed, lamp(3)], [["lighting.lamps", 1]]));
    expect(new Map(state.features)).toEqual(new Map(fold(snapshot([changed, lamp(3)])).features));
  });

  it("lets a thing that is removed and sent again in one message stay", () => {
    const state = fold(snapshot([lamp(1)]), changes([lamp(1, { state: "off" })], [["lighting.lamps", 1]]));
    expect(state.features.get("lighting.lamps:1")?.state).toBe("off");
  });

  it("leaves the earlier state as it was", () => {
    const before = fold(snapshot([lamp(1)]));
    apply(before, changes([], [["lighting.lamps", 1]]));
    expect(before.features.size).toBe(1);
  });

  it("runs the clock at the city's speed between messages, and sets it when it is told", () => {
    const state = fold(snapshot([], 1_000));
    expect(state.clock && cityTimeAt(state.clock, 3_000)).toBe(NOON_MS + 10_000);
    const told = apply(state, {
      kind: "clock",
      data: { city_time: "2026-06-21T06:00:00+00:00", speed: 1 },
      receivedAt: 4_000,
    });
    expect(told.clock && cityTimeAt(told.clock, 4_000)).toBe(NOON_MS + 3_600_000);
  });
});

describe("lateness", () => {
  it("begins when the reading is older than the layer allows", () => {
    expect(isLate(lamp(1), NOON_MS + 180_000, 180)).toBe(false);
    expect(isLate(lamp(1), NOON_MS + 180_001, 180)).toBe(true);
  });

  it("holds for a thing that never reported", () => {
    expect(isLate(lamp(1, { observed_at: null }), NOON_MS, 180)).toBe(true);
  });

  it("keeps a late thing out of the count of its last state", () => {
    const old = lamp(2, { observed_at: "2026-06-21T04:00:00+00:00" });
    const other = lamp(9, { layer: "air.stations" });
    const lamps = { id: "lighting.lamps", headline: "on", late_after_s: 180 };
    const air = { id: "air.stations", headline: "good", late_after_s: 3_600 };
    const cameras = { id: "traffic.cameras", headline: "on", late_after_s: 60 };
    const counts = countLayers([lamp(1), old, lamp(3, { state: "off" }), other], [lamps, air, cameras], NOON_MS);
    expect([...counts.keys()]).toEqual([lamps, air, cameras]);
    expect(counts.get(lamps)).toEqual({ total: 3, headline: 1, late: 1, newestMs: NOON_MS });
    expect(counts.get(air)).toEqual({ total: 1, headline: 0, late: 0, newestMs: NOON_MS });
    expect(counts.get(cameras)).toEqual({ total: 0, headline: 0, late: 0, newestMs: null });
  });
});
