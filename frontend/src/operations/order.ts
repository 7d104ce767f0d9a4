// The order of the list, and what a filter finds in it.

import type { Feature } from "@dothi/live/protocol";

const collator = new Intl.Collator("vi", { numeric: true });

/** Order features by layer and name. Gives `previous` itself while it is still right, so that rows stay where they are. */
export function orderOf(
  features: ReadonlyMap<string, Feature>,
  layers: readonly { readonly id: string }[],
  previous: Ordered,
): Ordered {
  if (isStillRight(features, previous)) return previous;
  const rank = new Map(layers.map((layer, index) => [layer.id, index]));
  const entries = [...features].filter(([, feature]) => rank.has(feature.layer));
  entries.sort(
    ([, a], [, b]) => (rank.get(a.layer) ?? 0) - (rank.get(b.layer) ?? 0) || collator.compare(a.name, b.name),
  );
  return {
    keys: entries.map(([key]) => key),
    names: new Map([...features].map(([key, feature]) => [key, feature.name])),
  };
}

export interface Ordered {
  readonly keys: readonly string[];
  readonly names: ReadonlyMap<string, string>;
}

export const UNORDERED: Ordered = { keys: [], names: new Map() };

/** The list as a person sees it: put in order and sought through when it would be another, not in each frame. */
export class Listing {
  private ordered = UNORDERED;
  private filter = "";
  private found: readonly string[] = [];

  of(
    features: ReadonlyMap<string, Feature>,
    layers: readonly { readonly id: string }[],
    filter: string,
  ): readonly string[] {
    const ordered = orderOf(features, layers, this.ordered);
    if (ordered !== this.ordered || filter !== this.filter) this.found = matching(ordered, filter);
    this.ordered = ordered;
    this.filter = filter;
    return this.found;
  }
}

function isStillRight(features: ReadonlyMap<string, Feature>, previous: Ordered): boolean {
  if (features.size !== previous.names.size) return false;
  for (const [key, feature] of features) if (previous.names.get(key) !== feature.name) return false;
  return true;
}

/** Fold a name for searching: no case, no diacritics, đ as d (which decomposition leaves as it is). */
export function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/gi, "d").toLowerCase();
}

/** Give the keys whose name contains every word of the filter, diacritics aside. */
export function matching(ordered: Ordered, filter: string): readonly string[] {
  const words = fold(filter).split(/\s+/).filter(Boolean);
  if (words.length === 0) return ordered.keys;
  return ordered.keys.filter((key) => {
    const name = fold(ordered.names.get(key) ?? "");
    return words.every((word) => name.includes(word));
  });
}
