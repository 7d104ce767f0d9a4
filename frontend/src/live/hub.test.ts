import { describe, expect, it } from "vitest";
import type { FeedHandlers } from "./feed";
import { Hub, type Word } from "./hub";
import { makeAlarm } from "./making";
import type { LiveEvent } from "./protocol";

const SNAPSHOT: LiveEvent = {
  kind: "snapshot",
  data: { city_time: "2026-06-21T05:00:00.000Z", speed: 5, features: [], alarms: [makeAlarm(1)] },
  receivedAt: 1_000,
};

class Bench {
  now = 1_000;
  readonly feeds: { handlers: FeedHandlers; open: boolean; retries: number }[] = [];
  readonly hub = new Hub(
    () => this.now,
    (_url, handlers) => {
      const feed = { handlers, open: false, retries: 0 };
      this.feeds.push(feed);
      return {
        open: () => {
          feed.open = true;
        },
        close: () => {
          feed.open = false;
        },
        retryNow: () => {
          feed.retries += 1;
        },
      };
    },
  );

  page(): Word[] & { postMessage(word: Word): void } {
    const heard: Word[] = [];
    return Object.assign(heard, { postMessage: (word: Word) => void heard.push(word) });
  }

  feed(place: number): Bench["feeds"][number] {
    const found = this.feeds[place];
    if (!found) throw new Error(`no feed ${place}`);
    return found;
  }
}

describe("the shared worker", () => {
  it("keeps one connection for all pages that look at the same", () => {
    const bench = new Bench();
    const [one, other] = [bench.page(), bench.page()];
    bench.hub.obey(one, { deed: "open", url: "/a" });
    bench.hub.obey(other, { deed: "open", url: "/a" });
    bench.hub.obey(other, { deed: "open", url: "/b" });
    expect(bench.feeds).toHaveLength(2);
    bench.feed(0).handlers.onEvent(SNAPSHOT);
    expect([one.length, other.length]).toEqual([1, 1]);
  });

  it("tells a page that comes later what the others know, by the clock as it runs", () => {
    const bench = new Bench();
    bench.hub.obey(bench.page(), { deed: "open", url: "/a" });
    bench.feed(0).handlers.onEvent(SNAPSHOT);
    bench.feed(0).handlers.onEvent({
      kind: "changes",
      data: { changed: [], removed: [], alarms: [makeAlarm(2)], gone: [1] },
      receivedAt: 1_500,
    });
    bench.feed(0).handlers.onStatus("late", 900);
    bench.now = 3_000;
    const later = bench.page();
    bench.hub.obey(later, { deed: "open", url: "/a" });
    const [first, second] = later;
    if (!first || !("event" in first) || first.event.kind !== "snapshot") throw new Error("no snapshot");
    expect(first.event.data.alarms.map((alarm) => alarm.id)).toEqual([2]);
    expect(first.event.data.city_time).toBe("2026-06-21T05:00:10.000Z");
    expect(second).toEqual({ url: "/a", status: "late", silentSince: 900 });
  });

  it("ends a connection with the last page, however that goes", () => {
    const bench = new Bench();
    const [one, other] = [bench.page(), bench.page()];
    for (const page of [one, other]) bench.hub.obey(page, { deed: "open", url: "/a" });
    bench.hub.obey(one, { deed: "close", url: "/a" });
    expect(bench.feed(0).open).toBe(true);
    bench.hub.obey(one, { deed: "retry", url: "/a" });
    expect(bench.feed(0).retries).toBe(1);
    bench.hub.forget(other);
    expect(bench.feed(0).open).toBe(false);
    bench.hub.obey(one, { deed: "open", url: "/a" });
    expect(bench.feeds).toHaveLength(2);
  });
});
