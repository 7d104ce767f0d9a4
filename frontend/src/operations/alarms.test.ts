import { makeAlarm } from "@dothi/live/making";
import { describe, expect, it } from "vitest";
import { arrange, countTabs, factsOf, inOrder, marksOf, Pending, queueOf, titleOf, unseenForS } from "./alarms";
import type { AlarmsConfig } from "./config";

const RULE = {
  name: "Mất điện pha {key}: {members} đèn",
  domain: "lighting",
  owner: "x",
  procedure: [],
  details: { lamps: { name: "Số đèn", unit: "" }, drop: { name: "Sụt", unit: "%" } },
  has_chart: true,
};
const CONFIG: AlarmsConfig = {
  rules: { "lighting.feeder.lost": RULE, "lighting.lamp.failed": { ...RULE, name: "Đèn không sáng" } },
  may_acknowledge: true,
  may_shelve: true,
  shelve_minutes: [15],
  dispatch: null,
  page: "/alarms/",
};
const NOON = Date.parse("2026-06-21T05:00:00Z");

describe("the queue", () => {
  it("is by priority, then unseen first, then newest", () => {
    const alarms = [
      makeAlarm(1, { priority: 3 }),
      makeAlarm(2, { priority: 2, state: "acknowledged" }),
      makeAlarm(3, { priority: 2 }),
      makeAlarm(4, { priority: 3, raised_at: "2026-06-21T06:00:00Z" }),
      makeAlarm(5, { priority: 3, state: "cleared" }),
    ];
    const known = new Map(alarms.map((alarm) => [alarm.id, alarm]));
    expect(queueOf(known, "all").map((alarm) => alarm.id)).toEqual([3, 2, 4, 1, 5]);
    expect(queueOf(known, "cleared").map((alarm) => alarm.id)).toEqual([5]);
    expect(countTabs(alarms)).toEqual({ all: 5, unacknowledged: 3, acknowledged: 1, cleared: 1 });
  });

  it("is put in order once for the same alarms, and anew for others", () => {
    const known = new Map([makeAlarm(1), makeAlarm(2, { priority: 1 })].map((alarm) => [alarm.id, alarm]));
    expect(inOrder(known)).toBe(inOrder(known));
    const later = new Map(known).set(1, makeAlarm(1, { priority: 1, raised_at: "2026-06-21T06:00:00Z" }));
    expect(inOrder(later).map((alarm) => alarm.id)).toEqual([1, 2]);
  });

  it("does not move under a hand, and says how many wait", () => {
    expect(arrange([1, 2], [9, 2, 8], true)).toEqual({ ids: [1, 2], waiting: 2 });
    expect(arrange([1, 2], [9, 2, 8], false)).toEqual({ ids: [9, 2, 8], waiting: 0 });
    expect(arrange([1, 2], [9], true)).toEqual({ ids: [9], waiting: 0 });
    expect(arrange([], [9], true)).toEqual({ ids: [9], waiting: 0 });
  });
});

describe("an alarm in words", () => {
  it("has its rule's name, with its key and its members", () => {
    const members = Array.from({ length: 1057 }, (_, place) => place);
    const lost = makeAlarm(1, { rule: "lighting.feeder.lost", key: "B", members });
    expect(titleOf(lost, CONFIG, "vi")).toBe("Mất điện pha B: 1.057 đèn");
    expect(titleOf(makeAlarm(2, { key: "A" }), CONFIG, "vi")).toBe("Đèn không sáng · A");
    expect(titleOf(makeAlarm(3, { rule: "gone.rule.x" }), CONFIG, "vi")).toBe("gone.rule.x");
  });

  it("tells details in the manifest's order, and those it does not know last", () => {
    const alarm = makeAlarm(1, { detail: { odd: true, drop: 12.34, lamps: 7 } });
    expect(factsOf(alarm, CONFIG, "vi")).toEqual([
      { name: "Số đèn", value: "7" },
      { name: "Sụt", value: "12,3 %" },
      { name: "odd", value: "có" },
    ]);
  });

  it("is to be escalated only while it is urgent, unseen and no longer new", () => {
    const urgent = makeAlarm(1, { priority: 1 });
    expect(unseenForS(urgent, NOON + 59_000)).toBeNull();
    expect(unseenForS(urgent, NOON + 180_000)).toBe(180);
    expect(unseenForS({ ...urgent, state: "acknowledged" }, NOON + 180_000)).toBeNull();
    expect(unseenForS({ ...urgent, priority: 2 }, NOON + 180_000)).toBeNull();
  });
});

describe("what is marked on the map", () => {
  it("is each Thing with the most pressing alarm about it or speaking for it, while that stands", () => {
    const marks = marksOf([
      makeAlarm(1, { thing_id: 7, priority: 4 }),
      makeAlarm(2, { thing_id: 9, priority: 2, members: [7, 8] }),
      makeAlarm(3, { thing_id: 5, cleared_at: "2026-06-21T05:10:00Z", state: "cleared" }),
    ]);
    expect([...marks].sort(([a], [b]) => a - b)).toEqual([
      [7, 2],
      [8, 2],
      [9, 2],
    ]);
  });
});

describe("a deed that the feed has not confirmed", () => {
  it("shows as done, until the feed says so or takes the alarm away", () => {
    const pending = new Pending();
    const alarms = new Map([[1, makeAlarm(1)]]);
    expect(pending.over(alarms)).toBe(alarms);
    pending.expect(1, "acknowledged");
    expect(pending.over(alarms).get(1)?.state).toBe("acknowledged");
    const confirmed = new Map([[1, makeAlarm(1, { state: "acknowledged" })]]);
    expect(pending.over(confirmed).get(1)?.state).toBe("acknowledged");
    expect(pending.has(1)).toBe(false);
    pending.expect(1, "acknowledged");
    pending.over(new Map());
    expect(pending.size).toBe(0);
  });
});
