// Plays the past: one step of the timeline a second, until it has come up with now.

import { cityNow, replayAt } from "@dothi/page/city";
import type { Replay } from "./replay";
import { type Hours, stepOf } from "./timeline";

const EVERY_MS = 1_000;

export class Player {
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly replay: Pick<Replay, "at" | "status" | "show">,
    private readonly hours: () => Hours,
    private readonly changed: () => void,
  ) {}

  get playing(): boolean {
    return this.timer !== undefined;
  }

  /** Begin or stop; from the live screen it begins with the range's first moment. */
  play(on: boolean, now: number): void {
    clearInterval(this.timer);
    this.timer = undefined;
    if (!on) return;
    if (this.replay.at === null) this.step(now - this.hours() * 3_600_000);
    this.timer = setInterval(() => this.advance(), EVERY_MS);
  }

  private advance(): void {
    // The next step waits until the last one is on the screen.
    if (this.replay.at === null || this.replay.status === "loading") return;
    const next = this.replay.at + stepOf(this.hours());
    if (next < cityNow()) this.step(next);
    else {
      this.play(false, next);
      this.step(null);
    }
  }

  private step(at: number | null): void {
    this.replay.show(at);
    replayAt.set(at);
    this.changed();
  }
}
