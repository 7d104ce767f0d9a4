// The live feed of a page: through the browser's shared worker, or by a connection of its own where there is none.

import { Feed, type FeedHandlers } from "./feed";
import type { Order, Word } from "./hub";
import { unpackEvent } from "./packed";

/** What a page does with a feed. */
export interface AnyFeed {
  open(): void;
  close(): void;
  retryNow(): void;
}

/** Make the feed of an address: one connection serves all pages of this browser that look at the same. */
export function openFeed(url: string, handlers: FeedHandlers): AnyFeed {
  const absolute = new URL(url, location.href).href;
  if (typeof SharedWorker === "undefined") return new Feed(absolute, handlers);
  try {
    const worker = new SharedWorker(new URL("./worker.ts", import.meta.url), { type: "module", name: "dothi-live" });
    return new SharedFeed(absolute, handlers, worker);
  } catch {
    return new Feed(absolute, handlers);
  }
}

type Speaker = Pick<SharedWorker, "port" | "addEventListener">;

export class SharedFeed implements AnyFeed {
  private own: Feed | null = null;
  private isOpen = false;

  constructor(
    private readonly url: string,
    private readonly handlers: FeedHandlers,
    private readonly worker: Speaker,
  ) {
    worker.port.onmessage = (message: MessageEvent<Word>) => this.hear(message.data);
    // A worker that can't be loaded says so by an event alone.
    worker.addEventListener("error", () => this.goOn());
  }

  open(): void {
    this.isOpen = true;
    if (this.own) this.own.open();
    else this.order("open");
  }

  close(): void {
    this.isOpen = false;
    if (this.own) this.own.close();
    else this.order("close");
  }

  retryNow(): void {
    if (this.own) this.own.retryNow();
    else this.order("retry");
  }

  private order(deed: Order["deed"]): void {
    this.worker.port.postMessage({ deed, url: this.url } satisfies Order);
  }

  private hear(word: Word): void {
    if (word.url !== this.url || !this.isOpen || this.own) return;
    if ("event" in word) {
      const event = unpackEvent(word.event);
      this.handlers.onEvent({ ...event, receivedAt: event.receivedAt - performance.timeOrigin });
    } else {
      this.handlers.onStatus(word.status, word.silentSince - performance.timeOrigin);
    }
  }

  /** Go on without the worker. */
  private goOn(): void {
    if (this.own) return;
    this.own = new Feed(this.url, this.handlers);
    if (this.isOpen) this.own.open();
  }
}
