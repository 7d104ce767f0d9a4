// What a person narrowed the screen to: an administrative area, a department's own things, or both.

import type { LiveState } from "@dothi/live/state";
import type { Scope } from "./view";

interface Placed {
  readonly area: string;
  readonly department: string;
}

/** Give what of the state lies within the scope; the state itself where the scope is everything. */
export function within(state: LiveState, scope: Scope): LiveState {
  if (!scope.area && !scope.department) return state;
  const lies = (each: Placed): boolean =>
    (!scope.area || each.area === scope.area) && (!scope.department || each.department === scope.department);
  return {
    ...state,
    features: new Map([...state.features].filter(([, feature]) => lies(feature))),
    alarms: new Map([...state.alarms].filter(([, alarm]) => lies(alarm))),
  };
}

/** List what can be chosen: the areas and departments that things name. */
export function choicesOf(state: LiveState): { areas: string[]; departments: string[] } {
  const areas = new Set<string>();
  const departments = new Set<string>();
  for (const { area, department } of state.features.values()) {
    if (area) areas.add(area);
    if (department) departments.add(department);
  }
  return { areas: [...areas].sort(), departments: [...departments].sort() };
}
