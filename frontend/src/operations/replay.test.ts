import { makeAlarm } from "@dothi/live/making";
import type { Snapshot } from "@dothi/live/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Replay } from "./replay";

function past(id: number): Snapshot {
  return { city_time: "2026-06-21T05:00:00Z", speed: 0, features: [], alarms: [makeAlarm(id)] };
}

describe("replay", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("asks once a person has settled on a moment, and shows only the last one chosen", async () => {
    const asked: number[] = [];
    const replay = new Replay(
      async (at) => {
        asked.push(at);
        return past(at);
      },
      () => undefined,
    );
    replay.show(1);
    replay.show(2);
    expect(replay.status).toBe("loading");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked).toEqual([2]);
    expect([...replay.state.alarms.keys()]).toEqual([2]);
    expect(replay.status).toBe("ready");
  });

  it("drops an answer that comes after it has gone back to live", async () => {
    let answer: (snapshot: Snapshot) => void = () => undefined;
    const replay = new Replay(
      () => new Promise((resolve) => (answer = resolve)),
      () => undefined,
    );
    replay.show(1);
    await vi.advanceTimersByTimeAsync(1_000);
    replay.show(null);
    answer(past(1));
    await vi.advanceTimersByTimeAsync(0);
    expect(replay.state.known).toBe(false);
    expect(replay.at).toBeNull();
  });

  it("says so when the past can't be had", async () => {
    const replay = new Replay(
      () => Promise.reject(new Error("503")),
      () => undefined,
    );
    replay.show(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(replay.status).toBe("failed");
  });
});
