// What the server tells the map page.

import type { SymbolForm } from "@dothi/page/symbol";

export interface LayerConfig {
  readonly id: string;
  readonly domain: string;
  readonly domain_name: string;
  readonly name: string;
  readonly icon: string;
  readonly late_after_s: number;
  readonly headline: string;
  readonly states: Readonly<Record<string, { readonly name: string; readonly symbol: SymbolForm }>>;
  readonly page: string | null;
  readonly page_name: string | null;
}

export interface PageConfig {
  readonly lang: string;
  readonly zone: string;
  readonly city: {
    readonly name: string;
    readonly center: readonly [lon: number, lat: number];
    readonly bounds: readonly [west: number, south: number, east: number, north: number];
    readonly zoom: number;
  };
  readonly layers: readonly LayerConfig[];
  readonly events_url: string;
  readonly base_url: string;
  /** Whom the base map is from, as its licence asks; empty where it is drawn by the city alone. */
  readonly credits: readonly string[];
}

/** Give the address of the live feed for all of the page's layers. */
export function feedUrl(config: PageConfig): string {
  const layers = config.layers.map((layer) => layer.id).join(",");
  const query = new URLSearchParams({ layers, bbox: config.city.bounds.join(",") });
  return `${config.events_url}?${query.toString()}`;
}
