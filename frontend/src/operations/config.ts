// What the server tells the operations screen.

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

export interface RuleConfig {
  readonly name: string;
  readonly domain: string;
  readonly owner: string;
  readonly procedure: readonly string[];
  readonly details: Readonly<Record<string, { readonly name: string; readonly unit: string }>>;
  readonly has_chart: boolean;
}

/** What a person may see of alarms and do with them. */
export interface AlarmsConfig {
  readonly rules: Readonly<Record<string, RuleConfig>>;
  readonly may_acknowledge: boolean;
  readonly may_shelve: boolean;
  readonly shelve_minutes: readonly number[];
  /** Where a work order is made from an alarm; null where nobody can, or this person may not. */
  readonly dispatch: string | null;
  readonly page: string;
}

/** A page on which something is done with a Thing of a kind; `{thing}` in the path stands for its id. */
export interface ActionConfig {
  readonly kind: string;
  readonly path: string;
  readonly name: string;
  readonly icon: string;
}

export interface TimelineConfig {
  readonly id: string;
  readonly name: string;
  readonly unit: string;
  readonly form: "line" | "bars";
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
  /** Null for whoever may see no alarms. */
  readonly alarms: AlarmsConfig | null;
  readonly actions: readonly ActionConfig[];
  readonly timeline: readonly TimelineConfig[];
  readonly events_url: string;
  readonly past_url: string;
  readonly timeline_url: string;
  readonly base_url: string;
  /** Where the dossier of a place is, `?at=lon,lat`; null for whoever may not see it. */
  readonly dossier_url: string | null;
  /** Whom the base map is from, as its licence asks; empty where it is drawn by the city alone. */
  readonly credits: readonly string[];
  /** What areas are called, by the codes that things are placed by. */
  readonly areas: Readonly<Record<string, string>>;
  /** The tree of departments by code; a path leads from the top to the department itself. */
  readonly departments: Readonly<Record<string, { readonly name: string; readonly path: readonly string[] }>>;
}

/** What names areas and departments to choose from. */
export type Names = Pick<PageConfig, "areas" | "departments">;

function viewQuery(config: PageConfig): URLSearchParams {
  const layers = config.layers.map((layer) => layer.id).join(",");
  const query = new URLSearchParams({ layers, bbox: config.city.bounds.join(",") });
  if (config.alarms) query.set("alarms", "1");
  return query;
}

/** Give the address of the live feed for all that the page shows. */
export function feedUrl(config: PageConfig): string {
  return `${config.events_url}?${viewQuery(config).toString()}`;
}

/** Give the address of what the page shows as it was at a moment, Unix ms. */
export function pastUrl(config: PageConfig, at: number): string {
  const query = viewQuery(config);
  query.set("at", new Date(at).toISOString());
  return `${config.past_url}?${query.toString()}`;
}
