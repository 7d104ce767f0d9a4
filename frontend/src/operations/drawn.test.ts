import { makeAlarm } from "@dothi/live/making";
import type { Feature, LiveAlarm } from "@dothi/live/protocol";
import { NOTHING_KNOWN } from "@dothi/live/state";
import { describe, expect, it } from "vitest";
import type { LayerConfig } from "./config";
import { Drawn } from "./drawn";

const NOON = Date.parse("2026-06-21T05:00:00Z");
const LAMPS: LayerConfig = {
  id: "lighting.lamps",
  domain: "lighting",
  domain_name: "Chiếu sáng",
  name: "Đèn",
  icon: "bulb",
  late_after_s: 180,
  headline: "on",
  states: { on: { name: "Đang sáng", symbol: "filled" }, off: { name: "Đang tắt", symbol: "hollow" } },
  page: null,
  page_name: null,
};
const LAMP: Feature = {
  layer: "lighting.lamps",
  id: 1,
  name: "Đèn 1",
  lon: 106.66,
  lat: 11.05,
  state: "on",
  value: 98.4,
  unit: "W",
  observed_at: "2026-06-21T05:00:00Z",
  simulated: true,
  area: "",
  department: "",
};

function shown(features: Feature[], now = NOON, alarms: LiveAlarm[] = []) {
  const live = {
    ...NOTHING_KNOWN,
    features: new Map(features.map((each) => [`${each.layer}:${each.id}`, each])),
    alarms: new Map(alarms.map((each) => [each.id, each])),
  };
  return { live, now, language: "vi" } as const;
}

describe("what the map is given", () => {
  const drawn = new Drawn([LAMPS]);
  const lamp = (view: ReturnType<typeof shown>) => drawn.things(view).get("lighting.lamps")?.get("lighting.lamps:1");

  it("is the same object while a thing is drawn the same, whatever else changes", () => {
    const before = lamp(shown([LAMP]));
    expect(before).toMatchObject({ form: "filled", mark: 0, note: "" });
    expect(lamp(shown([LAMP, { ...LAMP, id: 2 }], NOON + 60_000))).toBe(before);
  });

  it("is looked at again when things or alarms change, or a second goes by, and not in every frame", () => {
    const view = shown([LAMP]);
    const first = drawn.things(view);
    expect(drawn.things({ ...view, now: NOON + 999 })).toBe(first);
    expect(drawn.things({ ...view, now: NOON + 1_000 })).not.toBe(first);
    const again = drawn.things(view);
    expect(drawn.things({ ...view, live: { ...view.live, features: new Map(view.live.features) } })).not.toBe(again);
    expect(drawn.things({ ...view, live: { ...view.live, alarms: new Map() } })).not.toBe(again);
  });

  it("is late as soon as the second in which it becomes so is over, with nothing new heard", () => {
    const view = shown([LAMP]);
    const at = (now: number) =>
      drawn
        .things({ ...view, now })
        .get("lighting.lamps")
        ?.get("lighting.lamps:1")?.form;
    expect([at(NOON + 180_000), at(NOON + 181_000)]).toEqual(["filled", "dashed"]);
  });

  it("follows the thing's state, its lateness and its alarms", () => {
    expect(lamp(shown([{ ...LAMP, state: "off" }]))).toMatchObject({ form: "hollow" });
    expect(lamp(shown([LAMP], NOON + 300_000))).toMatchObject({ form: "dashed", note: "5 phút" });
    expect(lamp(shown([LAMP], NOON + 360_000))).toMatchObject({ form: "dashed", note: "6 phút" });
    expect(lamp(shown([LAMP]))).toMatchObject({ form: "filled", note: "" });
    expect(lamp(shown([LAMP], NOON, [makeAlarm(7, { thing_id: 1, priority: 2 })]))).toMatchObject({ mark: 2 });
    expect(lamp(shown([LAMP]))).toMatchObject({ mark: 0 });
  });

  it("is drawn as late for a thing that never reported, and nothing for a layer the page does not know", () => {
    expect(lamp(shown([{ ...LAMP, observed_at: null }]))).toMatchObject({ form: "dashed", note: "" });
    const things = drawn.things(shown([{ ...LAMP, layer: "other.layer" }]));
    expect([...things.keys()]).toEqual(["lighting.lamps"]);
    expect(things.get("lighting.lamps")?.size).toBe(0);
  });
});
