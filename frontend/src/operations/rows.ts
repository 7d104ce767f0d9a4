// How a list is walked by keys: the list has the focus, and the chosen row follows the keys.

import type { View } from "./view";

const STEPS: Readonly<Record<string, (at: number, last: number) => number>> = {
  ArrowDown: (at, last) => Math.min(last, at + 1),
  ArrowUp: (at) => Math.max(0, at - 1),
  PageDown: (at, last) => Math.min(last, at + 10),
  PageUp: (at) => Math.max(0, at - 10),
  Home: () => 0,
  End: (_at, last) => last,
};

/** Act on a key pressed in a list of `keys`: choose another row, or show the chosen one on the map. */
export function nextRow(
  view: Pick<View, "selected" | "actions">,
  keys: readonly string[],
  rowId: (key: string) => string,
  event: KeyboardEvent,
): void {
  if (event.key === "Enter" && view.selected !== null) {
    view.actions.show(view.selected);
    return;
  }
  const step = STEPS[event.key];
  if (!step) return;
  event.preventDefault();
  const key = keys[step(keys.indexOf(view.selected ?? ""), keys.length - 1)];
  if (key === undefined) return;
  view.actions.select(key);
  requestAnimationFrame(() => document.getElementById(rowId(key))?.scrollIntoView({ block: "nearest" }));
}
