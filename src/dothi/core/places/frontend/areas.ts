// Draws the areas of a page of places; without a map, the list beside it says the same.

import { type AreaMapOptions, openAreaMap } from "@dothi/map/areas";
import { canDraw } from "@dothi/map/view";

interface Config extends Omit<AreaMapOptions, "onPick"> {
  /** The address of an area's page, with 0 where its id stands. */
  readonly page: string;
  /** What is said where no map can be drawn. */
  readonly noMap: string;
}

export default function mount(el: HTMLElement, config: unknown): void {
  const { page, noMap, ...options } = config as Config;
  if (!canDraw()) {
    el.textContent = noMap;
    el.classList.add("empty");
    return;
  }
  void openAreaMap(el, { ...options, onPick: (id) => location.assign(pageOf(page, id)) });
}

/** Give the address of one area's page. */
export function pageOf(page: string, id: number): string {
  return page.replace("/0/", `/${id}/`);
}
