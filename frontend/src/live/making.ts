// Alarms for tests.

import type { LiveAlarm } from "./protocol";

/** Make an alarm that stands, with some of it otherwise. */
export function makeAlarm(id: number, more: Partial<LiveAlarm> = {}): LiveAlarm {
  return {
    id,
    rule: "lighting.lamp.failed",
    key: "",
    priority: 3,
    state: "unacknowledged",
    thing_id: id,
    thing: `Đèn ${id}`,
    kind: "Streetlight",
    lon: 106.66,
    lat: 11.05,
    raised_at: "2026-06-21T05:00:00Z",
    since: "2026-06-21T05:00:00Z",
    cleared_at: null,
    acknowledged_at: null,
    acknowledged_by: "",
    times_raised: 1,
    members: [],
    detail: {},
    simulated: true,
    area: "",
    department: "",
    ...more,
  };
}
