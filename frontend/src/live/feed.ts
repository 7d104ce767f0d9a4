// The connection to the live feed: keeps it open, notices when it falls silent, and comes back by itself.

import { EVENT_KINDS, type LiveEvent } from "./protocol";

export type FeedStatus = "connecting" | "live" | "late" | "lost";

/** The server speaks every 5 s at the least; one missed word is late, three are lost. */
export const LATE_AFTER_MS = 8_000;
export const LOST_AFTER_MS = 15_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

/** Say how the feed is, from the silence since its last message (or, before the first, since it was opened). */
export function statusAfter(silentMs: number, heardBefore: boolean): FeedStatus {
  if (silentMs >= LOST_AFTER_MS) return "lost";
  if (!heardBefore) return "connecting";
  return silentMs >= LATE_AFTER_MS ? "late" : "live";
}

/** Give the pause before the n-th attempt (from 0): doubling, bounded, and spread so that pages don't come all at once. */
export function retryDelayMs(attempt: number, random: number): number {
  const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempt);
  return longest * (0.5 + random / 2);
}

export interface FeedHandlers {
  onEvent(event: LiveEvent): void;
  onStatus(status: FeedStatus, sinceMs: number): void;
}

/** One live feed. `open()` once; afterwards it looks after itself until `close()`. */
export class Feed {
  private source: EventSource | null = null;
  private lastHeardAt = 0;
  private heard = false;
  private failed = false;
  private attempt = 0;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private watchTimer: ReturnType<typeof setInterval> | undefined;
  private status: FeedStatus = "connecting";

  constructor(
    private readonly url: string,
    private readonly handlers: FeedHandlers,
    private readonly now: () => number = () => performance.now(),
  ) {}

  open(): void {
    this.lastHeardAt = this.now();
    this.watchTimer = setInterval(() => this.watch(), 500);
    this.connect();
  }

  close(): void {
    clearInterval(this.watchTimer);
    clearTimeout(this.retryTimer);
    this.source?.close();
    this.source = null;
  }

  /** Try at once, as when a person asks or the network comes back. */
  retryNow(): void {
    this.attempt = 0;
    clearTimeout(this.retryTimer);
    this.connect();
  }

  private connect(): void {
    this.source?.close();
    const source = new EventSource(this.url);
    this.source = source;
    for (const kind of EVENT_KINDS) {
      source.addEventListener(kind, (message) => this.hear(kind, message as MessageEvent<string>));
    }
    source.onerror = () => this.fail(source);
  }

  private hear(kind: LiveEvent["kind"], message: MessageEvent<string>): void {
    const receivedAt = this.now();
    this.lastHeardAt = receivedAt;
    this.heard = true;
    this.failed = false;
    this.attempt = 0;
    this.handlers.onEvent({ kind, data: JSON.parse(message.data), receivedAt } as LiveEvent);
    this.report();
  }

  private fail(source: EventSource): void {
    this.failed = true;
    this.report();
    // A broken stream is taken up again by the browser itself, with Last-Event-ID. A refusal is final for it, not for us.
    if (source.readyState === EventSource.CLOSED && source === this.source) this.retryLater();
  }

  private retryLater(): void {
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => this.connect(), retryDelayMs(this.attempt, Math.random()));
    this.attempt += 1;
  }

  private watch(): void {
    this.report();
    const open = this.source?.readyState === EventSource.OPEN;
    // An open connection that says nothing is dead without knowing it.
    if (this.status === "lost" && open) {
      this.source?.close();
      this.source = null;
      this.retryLater();
    }
  }

  private report(): void {
    const silentMs = this.now() - this.lastHeardAt;
    const status = this.failed && this.heard ? worse(statusAfter(silentMs, true)) : statusAfter(silentMs, this.heard);
    if (status === this.status) return;
    this.status = status;
    this.handlers.onStatus(status, this.lastHeardAt);
  }
}

/** A connection known to be broken is at least late, however short the silence. */
function worse(status: FeedStatus): FeedStatus {
  return status === "live" ? "late" : status;
}
