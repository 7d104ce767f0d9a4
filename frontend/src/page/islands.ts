// Finds the islands of the shell, of core and of every domain, and mounts those that a page names.

export interface IslandModule {
  default(el: HTMLElement, config: unknown): void;
}

type Loaders = Record<string, () => Promise<IslandModule>>;

/** Name an island by its file: "map" for one of the shell, "lighting/lamps" for one of a package. */
export function islandName(path: string): string {
  const file = path.slice(path.lastIndexOf("/") + 1).replace(/\.ts$/, "");
  const owner = /\/(?:core|domains)\/([^/]+)\/frontend\//.exec(path)?.[1];
  return owner ? `${owner}/${file}` : file;
}

/** Mount all `[data-island]` elements below `root` that are not mounted yet. An unknown name is left as it is. */
export async function mountIslands(root: ParentNode, loaders: Loaders): Promise<void> {
  const byName = new Map(Object.entries(loaders).map(([path, load]) => [islandName(path), load]));
  const elements = [...root.querySelectorAll<HTMLElement>("[data-island]:not([data-mounted])")];
  await Promise.all(elements.map((element) => mount(element, byName.get(element.dataset["island"] ?? ""))));
}

async function mount(element: HTMLElement, load: (() => Promise<IslandModule>) | undefined): Promise<void> {
  if (!load) return;
  element.dataset["mounted"] = "";
  const island = await load();
  island.default(element, JSON.parse(element.dataset["config"] ?? "null"));
}
