// The city's clock as a page runs it by itself between two messages of the feed.

import type { ClockReading } from "./protocol";

/** City time as a straight line: at `anchoredAt` (ms of the page's steady clock) it was `cityMs` (Unix ms). */
export interface CityClock {
  readonly cityMs: number;
  readonly anchoredAt: number;
  readonly speed: number;
}

/** Set a clock by a reading that arrived at `receivedAt`. */
export function anchor(reading: ClockReading, receivedAt: number): CityClock {
  return { cityMs: Date.parse(reading.city_time), anchoredAt: receivedAt, speed: reading.speed };
}

/** Give the city's time, in Unix milliseconds, at a moment of the page's steady clock. */
export function cityTimeAt(clock: CityClock, now: number): number {
  return clock.cityMs + (now - clock.anchoredAt) * clock.speed;
}

/**
 * Set a running clock by a new reading without letting it jump: a reading that is late by the network's delay alone
 * keeps the running line, as long as the two differ by less than `toleranceMs` of wall time.
 */
export function reanchor(running: CityClock | null, reading: ClockReading, receivedAt: number): CityClock {
  const fresh = anchor(reading, receivedAt);
  if (running === null || running.speed !== fresh.speed) return fresh;
  const differsByMs = Math.abs(cityTimeAt(running, receivedAt) - fresh.cityMs) / fresh.speed;
  return differsByMs < TOLERANCE_MS ? running : fresh;
}

const TOLERANCE_MS = 400;

/** How often, in wall milliseconds, a display of seconds should be drawn so that it skips none, within reason. */
export function tickMs(speed: number): number {
  return Math.min(1000, Math.max(100, 1000 / speed));
}
