// Draws the areas of a page of places; without a map, the list beside it says the same.

import { type AreaMapOptions, openAreaMap } from "@dothi/map/areas";
import { canDraw } from "@dothi/map/view";

interface Config extends Omit<AreaMapOptions, "onPick" | "onPlace" | "shapeField"> {
  /** The address of an area's page, with 0 where its id stands; empty where none is picked. */
  readonly page: string;
  /** The address of the dossier of a place. */
  readonly dossier: string;
  /** The id of the field of the page that holds a shape to be edited. */
  readonly shape?: string;
  /** What is said where no map can be drawn. */
  readonly noMap: string;
}

export default function mount(el: HTMLElement, config: unknown): void {
  const { page, noMap, dossier, shape, ...options } = config as Config;
  if (!canDraw()) {
    el.textContent = noMap;
    el.classList.add("empty");
    return;
  }
  void openAreaMap(el, {
    ...options,
    shapeField: shape === undefined ? null : document.querySelector<HTMLTextAreaElement>(`textarea#${shape}`),
    onPick: (id) => page !== "" && location.assign(pageOf(page, id)),
    onPlace: (lon, lat) => location.assign(dossierOf(dossier, lon, lat)),
  }).then(() => {
    el.dataset["map"] = "ready";
  });
}

/** Give the address of a place's dossier; a metre is near enough. */
export function dossierOf(dossier: string, lon: number, lat: number): string {
  return `${dossier}?at=${lon.toFixed(5)},${lat.toFixed(5)}`;
}

/** Give the address of one area's page. */
export function pageOf(page: string, id: number): string {
  return page.replace("/0/", `/${id}/`);
}
