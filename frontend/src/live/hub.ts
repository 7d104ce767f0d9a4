// What the shared worker does: one connection for each address, however many pages look at it.

import { Feed, type FeedStatus } from "./feed";
import { type PackedEvent, packEvent } from "./packed";
import type { LiveEvent, Snapshot } from "./protocol";
import { apply, type LiveState, NOTHING_KNOWN } from "./state";

/** What a page tells the worker. */
export type Order = { readonly deed: "open" | "close" | "retry"; readonly url: string };

/** What the worker tells a page; moments are milliseconds since 1970 by the steady clock, which each context anchors. */
export type Word =
  | { readonly url: string; readonly event: PackedEvent }
  | { readonly url: string; readonly status: FeedStatus; readonly silentSince: number };

/** A page, as far as the worker knows it. */
export interface Listener {
  postMessage(word: Word): void;
}

type MakeFeed = (...given: ConstructorParameters<typeof Feed>) => Pick<Feed, "open" | "close" | "retryNow">;

class Line {
  readonly listeners = new Set<Listener>();
  private state: LiveState = NOTHING_KNOWN;
  private status: Word | null = null;
  private readonly feed: Pick<Feed, "open" | "close" | "retryNow">;

  constructor(
    private readonly url: string,
    private readonly now: () => number,
    makeFeed: MakeFeed,
  ) {
    const handlers = {
      onEvent: (event: LiveEvent) => this.hear(event),
      onStatus: (status: FeedStatus, silentSince: number) => {
        this.status = { url, status, silentSince };
        this.tell(this.status);
      },
    };
    this.feed = makeFeed(url, handlers, now);
    this.feed.open();
  }

  /** Let a page listen; it is told at once what the others know already. */
  join(listener: Listener): void {
    this.listeners.add(listener);
    const { clock, known } = this.state;
    if (clock && known) {
      const receivedAt = this.now();
      const cityMs = clock.cityMs + (receivedAt - clock.anchoredAt) * clock.speed;
      const data: Snapshot = {
        city_time: new Date(cityMs).toISOString(),
        speed: clock.speed,
        features: [...this.state.features.values()],
        alarms: [...this.state.alarms.values()],
      };
      listener.postMessage({ url: this.url, event: packEvent({ kind: "snapshot", data, receivedAt }) });
    }
    if (this.status) listener.postMessage(this.status);
  }

  retry(): void {
    this.feed.retryNow();
  }

  close(): void {
    this.feed.close();
  }

  private hear(event: LiveEvent): void {
    this.state = apply(this.state, event);
    this.tell({ url: this.url, event: packEvent(event) });
  }

  private tell(word: Word): void {
    for (const listener of this.listeners) listener.postMessage(word);
  }
}

export class Hub {
  private readonly lines = new Map<string, Line>();

  constructor(
    private readonly now: () => number,
    private readonly makeFeed: MakeFeed = (...given) => new Feed(...given),
  ) {}

  /** Carry out what a page asks for. The last page that leaves an address ends its connection. */
  obey(listener: Listener, { deed, url }: Order): void {
    if (deed === "open") this.line(url).join(listener);
    else if (deed === "retry") this.lines.get(url)?.retry();
    else this.leave(listener, url);
  }

  /** Forget a page that is gone. */
  forget(listener: Listener): void {
    for (const url of [...this.lines.keys()]) this.leave(listener, url);
  }

  private line(url: string): Line {
    const known = this.lines.get(url);
    if (known) return known;
    const made = new Line(url, this.now, this.makeFeed);
    this.lines.set(url, made);
    return made;
  }

  private leave(listener: Listener, url: string): void {
    const line = this.lines.get(url);
    line?.listeners.delete(listener);
    if (!line || line.listeners.size > 0) return;
    line.close();
    this.lines.delete(url);
  }
}
