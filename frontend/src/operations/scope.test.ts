import { makeAlarm } from "@dothi/live/making";
import type { Feature } from "@dothi/live/protocol";
import { NOTHING_KNOWN } from "@dothi/live/state";
import { describe, expect, it } from "vitest";
import { choicesOf, Narrowing, within } from "./scope";

function lamp(id: number, area: string, department: string): [string, Feature] {
  const feature = { layer: "lighting.lamps", id, name: `${id}`, lon: 0, lat: 0, state: "on", value: null, unit: "W" };
  return [`lighting.lamps:${id}`, { ...feature, observed_at: null, simulated: true, area, department }];
}

const STATE = {
  ...NOTHING_KNOWN,
  features: new Map([lamp(1, "25747", "lighting"), lamp(2, "25750", "lighting"), lamp(3, "", "drainage")]),
  alarms: new Map([
    [1, makeAlarm(1, { area: "25747", department: "lighting" })],
    [2, makeAlarm(2, { area: "25750" })],
  ]),
};

const NAMES = {
  areas: { "25747": "Phường Phú Lợi", "25750": "Phường Chánh Hiệp" },
  departments: {
    works: { name: "Sở Xây dựng", path: ["works"] },
    lighting: { name: "Đội chiếu sáng", path: ["works", "lighting"] },
  },
};

describe("the scope", () => {
  it("leaves all as it is where nothing is chosen", () => {
    expect(within(STATE, { area: "", department: "" })).toBe(STATE);
  });

  it("keeps what lies in the area and belongs to the department, things and alarms alike", () => {
    const seen = within(STATE, { area: "25747", department: "lighting" });
    expect([...seen.features.keys()]).toEqual(["lighting.lamps:1"]);
    expect([...seen.alarms.keys()]).toEqual([1]);
  });

  it("keeps what is of the departments below the chosen one", () => {
    const seen = within(STATE, { area: "", department: "works" }, NAMES.departments);
    expect([...seen.features.keys()]).toEqual(["lighting.lamps:1", "lighting.lamps:2"]);
    expect([...seen.alarms.keys()]).toEqual([1]);
  });

  it("gives the very same while neither things nor the choice change, whatever the clock does", () => {
    const narrowing = new Narrowing({});
    const scope = { area: "25747", department: "" };
    const first = narrowing.of(STATE, scope);
    const clock = { cityMs: 1, anchoredAt: 0, speed: 1 };
    const second = narrowing.of({ ...STATE, clock }, scope);
    expect(second.features).toBe(first.features);
    expect(second.alarms).toBe(first.alarms);
    expect(second.clock).toBe(clock);
    expect(narrowing.of({ ...STATE, features: new Map() }, scope).features.size).toBe(0);
    expect(narrowing.of(STATE, { area: "25750", department: "" }).alarms.size).toBe(1);
    expect(narrowing.of(STATE, { area: "", department: "" }).features).toBe(STATE.features);
  });

  it("offers where things are and whose they are, by name and in the tree", () => {
    expect(choicesOf(STATE, NAMES, "vi")).toEqual({
      areas: [
        { code: "25750", name: "Phường Chánh Hiệp", depth: 0 },
        { code: "25747", name: "Phường Phú Lợi", depth: 0 },
      ],
      departments: [
        { code: "drainage", name: "drainage", depth: 0 },
        { code: "works", name: "Sở Xây dựng", depth: 0 },
        { code: "lighting", name: "Đội chiếu sáng", depth: 1 },
      ],
    });
  });
});
