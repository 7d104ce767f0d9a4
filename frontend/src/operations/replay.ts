// Replay: the screen's past at one moment, asked for when a person has settled on it.

import type { Snapshot } from "@dothi/live/protocol";
import { contentOf, type LiveState, NOTHING_KNOWN } from "@dothi/live/state";

export type ReplayStatus = "loading" | "ready" | "failed";

/** A pause after which a moment counts as chosen: dragging asks for nothing until it rests. */
const SETTLED_MS = 200;

type Ask = (at: number, signal: AbortSignal) => Promise<Snapshot>;

/** Ask the server for the past at an address made by `urlOf`. Throws when it does not answer so. */
export function askBy(urlOf: (at: number) => string): Ask {
  return async (at, signal) => {
    const answer = await fetch(urlOf(at), { signal, headers: { accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json() as Promise<Snapshot>;
  };
}

export class Replay {
  at: number | null = null;
  status: ReplayStatus = "loading";
  state: LiveState = NOTHING_KNOWN;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asked: AbortController | null = null;

  constructor(
    private readonly ask: Ask,
    private readonly changed: () => void,
  ) {}

  /** Show a moment, Unix ms; null goes back to the live screen. */
  show(at: number | null): void {
    clearTimeout(this.timer);
    this.asked?.abort();
    this.at = at;
    if (at === null) this.state = NOTHING_KNOWN;
    else {
      this.status = "loading";
      this.timer = setTimeout(() => void this.fetch(at), SETTLED_MS);
    }
    this.changed();
  }

  private async fetch(at: number): Promise<void> {
    const asked = new AbortController();
    this.asked = asked;
    try {
      const snapshot = await this.ask(at, asked.signal);
      if (asked.signal.aborted) return;
      this.state = { ...contentOf(snapshot), clock: null, known: true };
      this.status = "ready";
    } catch {
      if (asked.signal.aborted) return;
      this.status = "failed";
    }
    this.changed();
  }
}
