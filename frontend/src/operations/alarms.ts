// What the screen makes of the queue's alarms: order, tabs, words, and what a person has just done to one.

import type { Language, Messages } from "@dothi/language/language";
import { writeCount, writeValue } from "@dothi/language/numbers";
import type { AlarmState, LiveAlarm } from "@dothi/live/protocol";
import type { AlarmsConfig } from "./config";

export type Tab = "all" | AlarmState;
export const TABS: readonly Tab[] = ["all", "unacknowledged", "acknowledged", "cleared"];

const RANKS: Readonly<Record<AlarmState, number>> = { unacknowledged: 0, acknowledged: 1, cleared: 2 };

/** Compare two alarms as the queue orders them: by priority, then unseen first, then the newest first. */
export function compareAlarms(a: LiveAlarm, b: LiveAlarm): number {
  return (
    a.priority - b.priority ||
    RANKS[a.state] - RANKS[b.state] ||
    Date.parse(b.raised_at) - Date.parse(a.raised_at) ||
    b.id - a.id
  );
}

type Alarms = ReadonlyMap<number, LiveAlarm>;

/** Several parts of a screen ask for the order of the same alarms, once a frame: it is worked out when they change. */
const sorted = new WeakMap<Alarms, readonly LiveAlarm[]>();

/** Give all alarms in the queue's order. */
export function inOrder(alarms: Alarms): readonly LiveAlarm[] {
  const known = sorted.get(alarms);
  if (known) return known;
  const made = [...alarms.values()].sort(compareAlarms);
  sorted.set(alarms, made);
  return made;
}

/** Give the alarms of a tab in order. */
export function queueOf(alarms: Alarms, tab: Tab): readonly LiveAlarm[] {
  return tab === "all" ? inOrder(alarms) : inOrder(alarms).filter((alarm) => alarm.state === tab);
}

/** Count the alarms of each tab. */
export function countTabs(alarms: Iterable<LiveAlarm>): Record<Tab, number> {
  const counts = { all: 0, unacknowledged: 0, acknowledged: 0, cleared: 0 };
  for (const alarm of alarms) {
    counts.all += 1;
    counts[alarm.state] += 1;
  }
  return counts;
}

export interface Arranged {
  readonly ids: readonly number[];
  /** How many alarms wait to be let in. */
  readonly waiting: number;
}

/**
 * Give the rows to show. While a person is at the rows (`held`), none moves: what came waits, what left stays where it
 * was, and may be drawn as gone. Where no row is left that could move, nothing waits.
 */
export function arrange(shown: readonly number[], wanted: readonly number[], held: boolean): Arranged {
  const known = new Set(shown);
  if (!held || !wanted.some((id) => known.has(id))) return { ids: wanted, waiting: 0 };
  return { ids: shown, waiting: wanted.filter((id) => !known.has(id)).length };
}

/** Write an alarm's title as its rule names it. */
export function titleOf(alarm: LiveAlarm, config: AlarmsConfig, language: Language): string {
  const name = config.rules[alarm.rule]?.name ?? alarm.rule;
  const title = name.replace("{key}", alarm.key).replace("{members}", writeCount(language, alarm.members.length));
  return alarm.key && !name.includes("{key}") ? `${title} · ${alarm.key}` : title;
}

/** List what the detector told, in the manifest's order, in words. */
export function factsOf(alarm: LiveAlarm, config: AlarmsConfig, language: Language): { name: string; value: string }[] {
  const declared = config.rules[alarm.rule]?.details ?? {};
  const names = [
    ...Object.keys(declared).filter((id) => id in alarm.detail),
    ...Object.keys(alarm.detail).filter((id) => !(id in declared)),
  ];
  return names.map((id) => ({
    name: declared[id]?.name ?? id,
    value: `${inWords(alarm.detail[id], language)} ${declared[id]?.unit ?? ""}`.trim(),
  }));
}

const YES_NO: Messages<readonly [no: string, yes: string]> = { vi: ["không", "có"], en: ["no", "yes"] };

function inWords(value: unknown, language: Language): string {
  if (typeof value === "number")
    return Number.isInteger(value) ? writeCount(language, value) : writeValue(language, value);
  if (typeof value === "boolean") return YES_NO[language][value ? 1 : 0];
  return String(value);
}

/** How long an urgent alarm may stay unseen before someone else must be called, in ms. */
const ESCALATE_AFTER_MS = 60_000;

/** Give for how long an urgent alarm has been unseen, in city seconds; null where that is no matter to escalate. */
export function unseenForS(alarm: LiveAlarm, now: number): number | null {
  if (alarm.priority !== 1 || alarm.state !== "unacknowledged") return null;
  const unseenMs = now - Date.parse(alarm.since);
  return unseenMs < ESCALATE_AFTER_MS ? null : unseenMs / 1000;
}

/** Give the most pressing priority with which each Thing is in alarm now: itself, or through one that stands for it. */
export function marksOf(alarms: Iterable<LiveAlarm>): Map<number, LiveAlarm["priority"]> {
  const marks = new Map<number, LiveAlarm["priority"]>();
  for (const alarm of alarms) {
    if (alarm.cleared_at !== null) continue;
    for (const id of [alarm.thing_id, ...alarm.members]) {
      const known = marks.get(id);
      if (known === undefined || alarm.priority < known) marks.set(id, alarm.priority);
    }
  }
  return marks;
}

/** What a person did a moment ago and the feed has not confirmed yet: alarm id → the state it will have. */
export class Pending {
  private readonly states = new Map<number, AlarmState>();

  get size(): number {
    return this.states.size;
  }

  has(id: number): boolean {
    return this.states.has(id);
  }

  expect(id: number, state: AlarmState): void {
    this.states.set(id, state);
  }

  giveUp(id: number): void {
    this.states.delete(id);
  }

  /** Give the alarms as they will be; what the feed has confirmed, or taken away, is no longer pending. */
  over(alarms: ReadonlyMap<number, LiveAlarm>): ReadonlyMap<number, LiveAlarm> {
    if (this.states.size === 0) return alarms;
    const changed = new Map(alarms);
    for (const [id, state] of [...this.states]) {
      const alarm = alarms.get(id);
      if (!alarm || alarm.state === state) this.states.delete(id);
      else changed.set(id, { ...alarm, state });
    }
    return changed;
  }
}
