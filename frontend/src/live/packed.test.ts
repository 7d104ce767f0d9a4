import { describe, expect, it } from "vitest";
import { makeAlarm } from "./making";
import { pack, packEvent, unpack, unpackEvent } from "./packed";
import type { Feature, LiveEvent } from "./protocol";

/** Numbers that follow from a seed (Park and Miller's generator), each from 0 to 1. */
function numbers(seed: number): () => number {
  let state = seed;
  const next = (): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  // The first ones after small seeds are all small.
  for (let skipped = 0; skipped < 5; skipped++) next();
  return next;
}

function cityOf(seed: number): Feature[] {
  const next = numbers(seed);
  const oneOf = <T>(values: readonly T[]): T => values[Math.floor(next() * values.length)] as T;
  return Array.from({ length: Math.floor(next() * 60) }, () => ({
    layer: oneOf(["lighting.lamps", "air.stations"]),
    id: Math.floor(next() * Number.MAX_SAFE_INTEGER),
    name: oneOf(["", "Đèn 12 – Hùng Vương", 'Trạm "3"\n', "電柱 7"]),
    lon: next() * 360 - 180,
    lat: next() * 180 - 90,
    state: oneOf(["on", "off", ""]),
    value: oneOf([null, 0, -0.5, 98.4, 1e-12]),
    unit: oneOf(["W", "µg/m³", ""]),
    observed_at: oneOf([null, "2026-06-21T05:00:00+00:00", "2026-06-21T05:00:00.000001+00:00"]),
    simulated: oneOf([true, false]),
    area: oneOf(["", "25747", "25750"]),
    department: oneOf(["", "city.works.light"]),
  }));
}

describe("packed features", () => {
  it("are after packing and copying the very same, whatever is in them", () => {
    let compared = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const city = cityOf(seed);
      expect(unpack(structuredClone(pack(city)))).toStrictEqual(city);
      compared += city.length;
    }
    expect(compared).toBeGreaterThan(2_000);
  });

  it("tell each word once, however many features share it", () => {
    const [lamp] = cityOf(3);
    if (!lamp) throw new Error("no feature");
    expect(pack(Array.from({ length: 6_000 }, () => lamp)).words.length).toBeLessThanOrEqual(5);
  });
});

describe("packed events", () => {
  const features = cityOf(3);
  const clock = { city_time: "2026-06-21T05:00:00Z", speed: 5 };
  const events: LiveEvent[] = [
    { kind: "snapshot", data: { ...clock, features, alarms: [makeAlarm(1)] }, receivedAt: 1 },
    {
      kind: "changes",
      data: { changed: features, removed: [["air.stations", 3]], alarms: [makeAlarm(2)], gone: [1] },
      receivedAt: 2,
    },
    { kind: "changes", data: { changed: [], removed: [], alarms: [], gone: [] }, receivedAt: 3 },
    { kind: "clock", data: clock, receivedAt: 4 },
    { kind: "alarms", data: clock, receivedAt: 5 },
  ];

  it.each(events)("are the very same after unpacking: $kind", (event) => {
    expect(unpackEvent(structuredClone(packEvent(event)))).toStrictEqual(event);
  });
});
