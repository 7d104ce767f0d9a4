import { describe, expect, it } from "vitest";
import type { FeedHandlers } from "./feed";
import type { Order } from "./hub";
import { SharedFeed } from "./one-feed";
import type { LiveEvent } from "./protocol";

const EVENT: LiveEvent = { kind: "clock", data: { city_time: "2026-06-21T05:00:00Z", speed: 1 }, receivedAt: 0 };

function bench() {
  const orders: Order[] = [];
  const port = {
    onmessage: null as ((message: unknown) => void) | null,
    postMessage: (order: Order) => orders.push(order),
  };
  const heard: [string, number][] = [];
  const handlers: FeedHandlers = {
    onEvent: (event) => heard.push([event.kind, event.receivedAt]),
    onStatus: (status, since) => heard.push([status, since]),
  };
  const worker = { port, addEventListener: () => undefined } as unknown as SharedWorker;
  const feed = new SharedFeed("/live", handlers, worker);
  return { feed, orders, heard, say: (word: unknown) => port.onmessage?.({ data: word }) };
}

describe("a page's side of the shared feed", () => {
  it("opens, closes and retries by the worker", () => {
    const { feed, orders } = bench();
    feed.open();
    feed.retryNow();
    feed.close();
    expect(orders.map((order) => order.deed)).toEqual(["open", "retry", "close"]);
  });

  it("takes moments to its own clock, and leaves other addresses and what comes after its end", () => {
    const { feed, heard, say } = bench();
    feed.open();
    say({ url: "/live", event: { ...EVENT, receivedAt: performance.timeOrigin + 500 } });
    say({ url: "/other", event: EVENT });
    say({ url: "/live", status: "late", silentSince: performance.timeOrigin + 200 });
    feed.close();
    say({ url: "/live", event: EVENT });
    expect(heard.map(([kind, at]) => [kind, Math.round(at)])).toEqual([
      ["clock", 500],
      ["late", 200],
    ]);
  });
});
