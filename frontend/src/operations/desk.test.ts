import { makeAlarm } from "@dothi/live/making";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Outcome } from "./deeds";
import { AlarmDesk, HOLD_MS } from "./desk";
import { MESSAGES } from "./messages";

const ALARMS = new Map([1, 2].map((id) => [id, makeAlarm(id)]));

describe("the desk", () => {
  const sent: [string, Readonly<Record<string, string>> | undefined][] = [];
  let outcome: Outcome = "done";
  let desk: AlarmDesk;

  beforeEach(() => {
    sent.length = 0;
    outcome = "done";
    desk = new AlarmDesk(
      { page: "/alarms/" },
      MESSAGES.en,
      () => undefined,
      async (url, fields) => {
        sent.push([url, fields]);
        return outcome;
      },
    );
  });

  it("shows an acknowledgement at once and sends it once", async () => {
    const first = desk.acknowledge(1);
    void desk.acknowledge(1);
    expect(desk.pending.over(ALARMS).get(1)?.state).toBe("acknowledged");
    await first;
    expect(sent).toEqual([["/alarms/1/acknowledge/", undefined]]);
    expect(desk.notice).toBe("The alarm is acknowledged.");
  });

  it.each(["changed", "refused", "failed"] as const)("takes it back and says why when it was %s", async (given) => {
    outcome = given;
    await desk.acknowledge(1);
    expect(desk.pending.over(ALARMS).get(1)?.state).toBe("unacknowledged");
    expect(desk.notice).toBe(MESSAGES.en.outcomes[given]);
  });

  it("shelves for a time with a reason", async () => {
    await desk.shelve(2, "60", "sửa cáp");
    expect(sent).toEqual([["/alarms/2/shelve/", { minutes: "60", reason: "sửa cáp" }]]);
  });

  it("holds its rows while a hand moves on them, and lets the others in when asked", () => {
    desk.rows(new Map([[1, makeAlarm(1)]]));
    desk.hold(true);
    expect(desk.rows(ALARMS)).toEqual({ ids: [1], waiting: 1 });
    desk.letIn();
    desk.hold(true);
    expect(desk.rows(ALARMS)).toEqual({ ids: [2, 1], waiting: 0 });
  });

  it("lets them in when the hand no longer moves", () => {
    vi.useFakeTimers();
    desk.rows(new Map([[1, makeAlarm(1)]]));
    desk.hold(true);
    vi.advanceTimersByTime(HOLD_MS - 1);
    expect(desk.rows(ALARMS).waiting).toBe(1);
    vi.advanceTimersByTime(1);
    expect(desk.rows(ALARMS)).toEqual({ ids: [2, 1], waiting: 0 });
    vi.useRealTimers();
  });
});
