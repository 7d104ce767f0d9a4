// Keeps the timeline's data as new as it is worth: asked for again by and by, and soon after alarms changed.

import type { Hours, Timeline } from "./timeline";

const EVERY_MS = 60_000;
const SOON_MS = 2_000;

export class TimelineFeed {
  /** Of the range on the screen. */
  shown: Timeline | null = null;
  /** Of the last 24 hours, for the services' small lines. */
  day: Timeline | null = null;
  hours: Hours = 24;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private due = Number.POSITIVE_INFINITY;

  constructor(
    private readonly url: string,
    private readonly changed: () => void,
  ) {}

  setHours(hours: Hours): void {
    this.hours = hours;
    this.shown = hours === 24 ? this.day : null;
    void this.read();
  }

  /** Know that what is shown may be old. */
  renewSoon(): void {
    this.plan(SOON_MS);
  }

  async read(): Promise<void> {
    clearTimeout(this.timer);
    this.due = Number.POSITIVE_INFINITY;
    const hours = this.hours;
    const [shown, day] = await Promise.all([this.ask(hours), hours === 24 ? null : this.ask(24)]);
    if (hours === this.hours && shown) this.shown = shown;
    this.day = (hours === 24 ? shown : day) ?? this.day;
    this.changed();
    this.plan(EVERY_MS);
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private plan(pauseMs: number): void {
    const due = performance.now() + pauseMs;
    if (due >= this.due) return;
    this.due = due;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.read(), pauseMs);
  }

  private async ask(hours: Hours): Promise<Timeline | null> {
    const answer = await fetch(`${this.url}?hours=${hours}`, { headers: { accept: "application/json" } }).catch(
      () => null,
    );
    return answer?.ok && !answer.redirected ? ((await answer.json()) as Timeline) : null;
  }
}
