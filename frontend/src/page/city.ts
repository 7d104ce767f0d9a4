// What all islands of a page share: the city's clock and how the feed is.

import { type CityClock, cityTimeAt } from "@dothi/live/clock";
import type { FeedStatus } from "@dothi/live/feed";
import { Store } from "./store";

export const cityClock = new Store<CityClock | null>(null);

/** How the feed is and since when it is silent (ms of the page's steady clock); null where a page has no feed. */
export const feedStatus = new Store<{ readonly status: FeedStatus; readonly silentSince: number } | null>(null);

/** Give the city's time now in Unix milliseconds; before any word of the server, the machine's own. */
export function cityNow(): number {
  const clock = cityClock.value;
  return clock === null ? Date.now() : cityTimeAt(clock, performance.now());
}

/** The moment (Unix ms) that the page shows instead of now; null where it is live. */
export const replayAt = new Store<number | null>(null);

/** How the page's top bar asks for replay or for live again. */
export const replayWanted = new Store<boolean>(false);
