import { describe, expect, it } from "vitest";
import { anchor, cityTimeAt, reanchor, tickMs } from "./clock";

const READING = { city_time: "2026-06-21T05:00:00+00:00", speed: 5 };

describe("the city's clock", () => {
  it("does not jump for a reading that only the network held up", () => {
    const running = anchor(READING, 0);
    const held = { city_time: new Date(cityTimeAt(running, 5_000)).toISOString(), speed: 5 };
    expect(reanchor(running, held, 5_300)).toBe(running);
  });

  it("follows a reading that differs, and a new speed", () => {
    const running = anchor(READING, 0);
    const later = { city_time: "2026-06-21T07:00:00+00:00", speed: 5 };
    expect(cityTimeAt(reanchor(running, later, 10), 10)).toBe(Date.parse(later.city_time));
    const slower = { city_time: READING.city_time, speed: 1 };
    expect(reanchor(running, slower, 0).speed).toBe(1);
  });

  it("is drawn often enough that no second is skipped, but not more often than is of use", () => {
    expect(tickMs(1)).toBe(1_000);
    expect(tickMs(5)).toBe(200);
    expect(tickMs(600)).toBe(100);
    expect(tickMs(0.1)).toBe(1_000);
  });
});
