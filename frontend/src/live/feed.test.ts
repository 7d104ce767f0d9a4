import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Feed, type FeedStatus, LOST_AFTER_MS, retryDelayMs, statusAfter } from "./feed";
import type { LiveEvent } from "./protocol";

class FakeSource extends EventTarget {
  static readonly OPEN = 1;
  static readonly CLOSED = 2;
  static made: FakeSource[] = [];
  readyState = FakeSource.OPEN;
  onerror: (() => void) | null = null;

  constructor(readonly url: string) {
    super();
    FakeSource.made.push(this);
  }

  close(): void {
    this.readyState = FakeSource.CLOSED;
  }

  say(kind: string, data: unknown): void {
    this.dispatchEvent(new MessageEvent(kind, { data: JSON.stringify(data) }));
  }

  refuse(): void {
    this.readyState = FakeSource.CLOSED;
    this.onerror?.();
  }
}

const CLOCK = { city_time: "2026-06-21T05:00:00+00:00", speed: 5 };

function source(): FakeSource {
  const last = FakeSource.made.at(-1);
  if (!last) throw new Error("no connection was made");
  return last;
}

function listen(): { feed: Feed; events: LiveEvent[]; statuses: FeedStatus[] } {
  const events: LiveEvent[] = [];
  const statuses: FeedStatus[] = [];
  const feed = new Feed(
    "/live/events",
    { onEvent: (event) => events.push(event), onStatus: (status) => statuses.push(status) },
    () => Date.now(),
  );
  feed.open();
  return { feed, events, statuses };
}

beforeEach(() => {
  FakeSource.made = [];
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", FakeSource);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("Feed", () => {
  it("hands on what arrives, and is live", () => {
    const { events, statuses, feed } = listen();
    source().say("clock", CLOCK);
    expect(events.map((event) => event.kind)).toEqual(["clock"]);
    expect(statuses).toEqual(["live"]);
    feed.close();
  });

  it("is late after one missed word, lost after 15 s, and live again with the next", () => {
    const { statuses, feed } = listen();
    source().say("clock", CLOCK);
    vi.advanceTimersByTime(LOST_AFTER_MS + 500);
    expect(statuses).toEqual(["live", "late", "lost"]);
    source().say("clock", CLOCK);
    expect(statuses.at(-1)).toBe("live");
    feed.close();
  });

  it("drops a connection that is open and silent, and makes another", () => {
    const { feed } = listen();
    source().say("clock", CLOCK);
    vi.advanceTimersByTime(LOST_AFTER_MS + 3_000);
    expect(FakeSource.made.length).toBeGreaterThan(1);
    expect(FakeSource.made[0]?.readyState).toBe(FakeSource.CLOSED);
    feed.close();
  });

  it("comes back by itself after a refusal, and at once when it is asked to", () => {
    const { feed } = listen();
    source().refuse();
    expect(FakeSource.made.length).toBe(1);
    vi.advanceTimersByTime(1_000);
    expect(FakeSource.made.length).toBe(2);
    source().refuse();
    feed.retryNow();
    expect(FakeSource.made.length).toBe(3);
    feed.close();
  });

  it("leaves nothing behind when it is closed", () => {
    const { feed } = listen();
    source().refuse();
    feed.close();
    vi.advanceTimersByTime(60_000);
    expect(FakeSource.made.length).toBe(1);
  });
});

describe("timing", () => {
  it("says connecting, not live, before the first word", () => {
    expect(statusAfter(0, false)).toBe("connecting");
    expect(statusAfter(LOST_AFTER_MS, false)).toBe("lost");
  });

  it("waits longer each time, within a bound", () => {
    expect(retryDelayMs(0, 1)).toBe(1_000);
    expect(retryDelayMs(3, 1)).toBe(8_000);
    expect(retryDelayMs(50, 1)).toBe(30_000);
    expect(retryDelayMs(3, 0)).toBe(4_000);
  });
});
