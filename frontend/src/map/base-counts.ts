// How much of each kind the schematic base map holds.

import type { FeatureCollection } from "geojson";
import type { BaseGroup } from "./view";

const GROUP_OF: Readonly<Record<string, BaseGroup>> = { road: "roads", river: "water", place: "places" };

/** Count the named parts of the base map at an address; null where it can't be loaded. A road counts once by its name. */
export async function countBase(url: string): Promise<Record<BaseGroup, number> | null> {
  const answer = await fetch(url).catch(() => null);
  if (!answer?.ok) return null;
  const names: Record<BaseGroup, Set<string>> = { roads: new Set(), water: new Set(), places: new Set() };
  for (const { properties } of ((await answer.json()) as FeatureCollection).features) {
    const group = GROUP_OF[String(properties?.["kind"])];
    const name = properties?.["name:vi"];
    if (group && typeof name === "string") names[group].add(name);
  }
  return { roads: names.roads.size, water: names.water.size, places: names.places.size };
}
