import { TimeWriter } from "@dothi/language/times";
import { makeAlarm } from "@dothi/live/making";
import { NOTHING_KNOWN } from "@dothi/live/state";
import { render, type TemplateResult } from "lit-html";
import { describe, expect, it, vi } from "vitest";
import { MESSAGES } from "./messages";
import type { PastAlarm } from "./timeline";
import { chart } from "./timeline-panel";
import type { View } from "./view";

const NOW = Date.parse("2026-06-21T05:20:00Z");
const HOUR = 3_600_000;

function past(id: number, hoursAgo: number): PastAlarm {
  const raised = NOW - hoursAgo * HOUR;
  return { id, rule: "a.b", key: "", priority: 2, state: "over", thing: "", members: 0, raised, cleared: null };
}

function drawn(show: (key: string) => void, seam: number | null): HTMLElement {
  const view = {
    language: "en",
    words: MESSAGES.en,
    times: new TimeWriter("en", "Asia/Ho_Chi_Minh"),
    config: { timeline: [] },
    live: { ...NOTHING_KNOWN, alarms: new Map([[7, makeAlarm(7)]]) },
    present: NOW,
    replay: { at: null, status: "ready", playing: false },
    timeline: { begin: NOW - 24 * HOUR, end: NOW + 6 * HOUR, now: NOW, alarms: [past(7, 3), past(8, 9)], series: [] },
    hours: 24,
    timelineWidth: 1200,
    selected: null,
    actions: { show },
  } as unknown as View;
  const ground = document.createElement("div");
  render(chart(view, seam) as TemplateResult, ground);
  return ground;
}

function point(ground: HTMLElement, alarm: number): boolean {
  const reached = vi.fn();
  ground.addEventListener("pointerdown", reached);
  ground.querySelector(`[data-at="${alarm}"] > *`)?.dispatchEvent(new Event("pointerdown", { bubbles: true }));
  return reached.mock.calls.length > 0;
}

describe("an alarm's sign on the timeline", () => {
  it("leads to the alarm while it stands in the queue, and does not set the moment", () => {
    const show = vi.fn();
    expect(point(drawn(show, null), 7)).toBe(false);
    expect(show).toHaveBeenCalledExactlyOnceWith("alarms:7");
  });

  it("is a place in time like any other once the alarm is over", () => {
    const show = vi.fn();
    expect(point(drawn(show, null), 8)).toBe(true);
    expect(show).not.toHaveBeenCalled();
  });

  it("leads nowhere on the wall", () => {
    const show = vi.fn();
    expect(point(drawn(show, 600), 7)).toBe(true);
    expect(show).not.toHaveBeenCalled();
  });
});
