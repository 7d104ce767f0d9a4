// What a person narrowed the screen to: an administrative area, what is a department's and of those below it, or both.

import type { Language, Messages } from "@dothi/language/language";
import type { LiveState } from "@dothi/live/state";
import type { Names } from "./config";
import type { Scope } from "./view";

interface Placed {
  readonly area: string;
  readonly department: string;
}

/** One thing that can be chosen: the code, and what it is called; `depth` says how deep in the tree it stands. */
export interface Choice {
  readonly code: string;
  readonly name: string;
  readonly depth: number;
}

type Departments = Names["departments"];

/** Give what of the state lies within the scope; the state itself where the scope is everything. */
export function within(state: LiveState, scope: Scope, departments: Departments = {}): LiveState {
  if (!scope.area && !scope.department) return state;
  const lies = (each: Placed): boolean =>
    (!scope.area || each.area === scope.area) &&
    (!scope.department || pathOf(each.department, departments).includes(scope.department));
  return {
    ...state,
    features: new Map([...state.features].filter(([, feature]) => lies(feature))),
    alarms: new Map([...state.alarms].filter(([, alarm]) => lies(alarm))),
  };
}

/** Narrows what a screen shows: what comes out is the very same while nothing that went in changed. */
export class Narrowing {
  private given: LiveState | null = null;
  private scope: Scope | null = null;
  private made: LiveState | null = null;

  constructor(private readonly departments: Departments) {}

  of(state: LiveState, scope: Scope): LiveState {
    const { given } = this;
    const isSame = scope === this.scope && given?.features === state.features && given.alarms === state.alarms;
    if (!isSame || this.made === null) this.made = within(state, scope, this.departments);
    this.given = state;
    this.scope = scope;
    return { ...state, features: this.made.features, alarms: this.made.alarms };
  }
}

/** Give the codes from the top of the tree to a department; one that is not in the tree stands for itself. */
function pathOf(department: string, departments: Departments): readonly string[] {
  return departments[department]?.path ?? [department];
}

/** To make one costs more than to order all areas of a city by it. */
const COLLATORS: Messages<Intl.Collator> = { vi: new Intl.Collator("vi"), en: new Intl.Collator("en") };

/** List what can be chosen: the areas in which things are, by name, and whose they are, as the tree has them. */
export function choicesOf(
  state: LiveState,
  names: Names,
  language: Language,
): { areas: Choice[]; departments: Choice[] } {
  const areas = new Set<string>();
  const departments = new Set<string>();
  const owners = new Set<string>();
  for (const { area, department } of state.features.values()) {
    if (area) areas.add(area);
    if (department) owners.add(department);
  }
  for (const owner of owners) for (const each of pathOf(owner, names.departments)) departments.add(each);
  return {
    areas: [...areas]
      .map((code) => ({ code, name: names.areas[code] ?? code, depth: 0 }))
      .sort((a, b) => COLLATORS[language].compare(a.name, b.name)),
    departments: [...departments]
      .map((code) => ({ code, name: names.departments[code]?.name ?? code, path: pathOf(code, names.departments) }))
      .sort((a, b) => (a.path.join("/") < b.path.join("/") ? -1 : 1))
      .map(({ code, name, path }) => ({ code, name, depth: path.length - 1 })),
  };
}
