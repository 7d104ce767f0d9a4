// What a person has before them of the queue: the tab, the rows' order while they point at them, and their deeds.

import type { LiveAlarm } from "@dothi/live/protocol";
import { type Arranged, arrange, Pending, queueOf, type Tab } from "./alarms";
import type { AlarmsConfig } from "./config";
import { type Outcome, send } from "./deeds";
import type { Words } from "./messages";

/** How long rows stay where they are after a hand last moved on them: a mouse left there must not hide an alarm. */
export const HOLD_MS = 4000;

export class AlarmDesk {
  readonly pending = new Pending();
  tab: Tab = "all";
  notice = "";
  private heldUntil = 0;
  private letting = false;
  private shown: readonly number[] = [];

  constructor(
    private readonly config: Pick<AlarmsConfig, "page">,
    private readonly words: Words,
    private readonly changed: () => void,
    private readonly deliver: typeof send = send,
  ) {}

  /** Give the rows of the tab as they are to be shown now. */
  rows(alarms: ReadonlyMap<number, LiveAlarm>): Arranged {
    const wanted = queueOf(alarms, this.tab).map((alarm) => alarm.id);
    const arranged = arrange(this.shown, wanted, !this.letting && performance.now() < this.heldUntil);
    this.letting = false;
    this.shown = arranged.ids;
    return arranged;
  }

  showTab(tab: Tab): void {
    this.tab = tab;
    this.letIn();
  }

  /** Keep the rows where they are while a hand moves on them. */
  hold(held: boolean): void {
    this.heldUntil = held ? performance.now() + HOLD_MS : 0;
  }

  /** Bring the rows up to date at once. */
  letIn(): void {
    this.letting = true;
    this.changed();
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
