import { describe, expect, it } from "vitest";
import { countOpen, type PastAlarm, pathOf, Scale, scaleOf, ticksOf, uncovered, wholePixel } from "./timeline";

const HOUR = 3_600_000;
const NOW = Date.parse("2026-06-21T05:20:00Z");

describe("the scale", () => {
  it("has a quarter of the past's length ahead, and gives back the moment of a pixel", () => {
    const scale = scaleOf(NOW, 24, 100, 1100);
    expect([scale.begin, scale.end]).toEqual([NOW - 24 * HOUR, NOW + 6 * HOUR]);
    expect(scale.x(NOW)).toBe(900);
    expect(scale.at(scale.x(NOW - HOUR))).toBeCloseTo(NOW - HOUR, 3);
  });

  it("moves by whole pixels: in between it stays, so that nothing is drawn anew", () => {
    const pixel = (30 * HOUR) / 1000;
    const at = wholePixel(NOW, 24, 1000);
    expect(at).toBeGreaterThan(NOW - pixel);
    expect(at).toBeLessThanOrEqual(NOW);
    expect(wholePixel(at + 0.9 * pixel, 24, 1000)).toBe(at);
    expect(wholePixel(at + 1.1 * pixel, 24, 1000)).toBeCloseTo(at + pixel, 3);
  });

  it("is written at whole hours of the city's zone", () => {
    const ticks = ticksOf(scaleOf(NOW, 24, 0, 1000), 24, 7 * HOUR);
    const hours = ticks.map((ms) => ((ms + 7 * HOUR) / HOUR) % 24);
    expect(hours.every((hour) => hour % 2 === 0)).toBe(true);
    expect(ticks).toHaveLength(15);
    const days = ticksOf(scaleOf(NOW, 168, 0, 1000), 168, 7 * HOUR);
    expect(days.every((ms) => (ms + 7 * HOUR) % (24 * HOUR) === 0)).toBe(true);
  });
});

describe("a line", () => {
  it("runs from the least to the greatest, and breaks where points are missing", () => {
    const points = [
      [0, 0],
      [10, 5],
      [40, 10],
    ] as const;
    const box = { top: 0, bottom: 100, least: 0, most: 10, gap: 20 };
    expect(pathOf(points, new Scale(0, 100, 0, 100), box)).toBe("M0.0 100.0L10.0 50.0M40.0 0.0");
  });
});

describe("the alarms of a day", () => {
  const alarm = (id: number, priority: PastAlarm["priority"], raised: number): PastAlarm => {
    return {
      id,
      rule: "lighting.lamp.failed",
      key: "",
      priority,
      state: "over",
      thing: "",
      members: 0,
      raised,
      cleared: null,
    };
  };

  it("are drawn with the most pressing on top, and not where others would hide them", () => {
    const scale = new Scale(0, 1000, 0, 1000);
    const alarms = [alarm(1, 1, 500), alarm(2, 4, 501), alarm(3, 3, 100), alarm(4, 3, 500.4), alarm(5, 2, 700)];
    const drawn = (chosen: number) => uncovered(alarms, scale, (each) => each.id === chosen).map((each) => each.id);
    expect(drawn(0)).toEqual([3, 5, 1]);
    expect(drawn(4)).toEqual([3, 5, 4]);
    const many = Array.from({ length: 5_000 }, (_, id) => alarm(id, 3, id / 5));
    expect(uncovered(many, scale, () => false).length).toBeLessThan(400);
  });

  it("are counted while they stood", () => {
    const alarms = [
      { raised: 10, cleared: 60 },
      { raised: 40, cleared: null },
    ];
    expect(countOpen(alarms, 0, 100, 4)).toEqual([1, 2, 1, 1]);
    expect(countOpen([], 0, 100, 2)).toEqual([0, 0]);
  });
});
