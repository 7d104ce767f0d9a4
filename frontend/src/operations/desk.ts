// What a person has before them of the queue: the tab, the rows' order while they point at them, and their deeds.

import type { LiveAlarm } from "@dothi/live/protocol";
import { type Arranged, arrange, Pending, queueOf, type Tab } from "./alarms";
import type { AlarmsConfig } from "./config";
import { type Outcome, send } from "./deeds";
import type { Words } from "./messages";

export class AlarmDesk {
  readonly pending = new Pending();
  tab: Tab = "all";
  notice = "";
  private held = false;
  private shown: readonly number[] = [];

  constructor(
    private readonly config: Pick<AlarmsConfig, "page">,
    private readonly words: Words,
    private readonly changed: () => void,
    private readonly deliver: typeof send = send,
  ) {}

  /** Give the rows of the tab as they are to be shown now. */
  rows(alarms: ReadonlyMap<number, LiveAlarm>): Arranged {
    const wanted = queueOf(alarms.values(), this.tab).map((alarm) => alarm.id);
    const arranged = arrange(this.shown, wanted, this.held);
    this.shown = arranged.ids;
    return arranged;
  }

  showTab(tab: Tab): void {
    this.tab = tab;
    this.letIn();
  }

  /** Keep the rows where they are while a hand is on them. */
  hold(held: boolean): void {
    this.held = held;
  }

  /** Bring the rows up to date at once. */
  letIn(): void {
    const held = this.held;
    this.held = false;
    this.changed();
    // A hand that rests on the rows goes on to hold them from the next change on.
    requestAnimationFrame(() => {
      this.held = held;
    });
  }

  async acknowledge(id: number): Promise<void> {
    if (this.pending.has(id)) return;
    this.pending.expect(id, "acknowledged");
    this.tell("");
    const outcome = await this.deliver(`${this.config.page}${id}/acknowledge/`);
    if (outcome !== "done") this.pending.giveUp(id);
    this.tell(this.said(outcome, this.words.acknowledged));
  }

  async shelve(id: number, minutes: string, reason: string): Promise<void> {
    const outcome = await this.deliver(`${this.config.page}${id}/shelve/`, { minutes, reason });
    this.tell(this.said(outcome, this.words.shelved));
  }

  tell(notice: string): void {
    this.notice = notice;
    this.changed();
  }

  private said(outcome: Outcome, done: string): string {
    return outcome === "done" ? done : this.words.outcomes[outcome];
  }
}
