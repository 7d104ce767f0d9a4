// Keeps a page that the server wrote as new as the live feed: when a layer speaks, the page is asked for once more.

import { Feed } from "@dothi/live/feed";
import { feedStatus } from "./city";

const AT_MOST_EVERY_MS = 1_000;
/** The event of the document after parts of the page were written anew, before they are painted. */
export const RENEWED = "dothi:renewed";

/** Parts of a page by their key: what the server wrote as `<tr data-fresh="lamp-12">…`. */
export type Parts = ReadonlyMap<string, string>;

/** Read the parts below an element, each as the markup it has now. */
export function partsOf(root: ParentNode): Parts {
  const elements = [...root.querySelectorAll<HTMLElement>("[data-fresh]")];
  return new Map(elements.map((element) => [element.dataset["fresh"] ?? "", element.outerHTML]));
}

/**
 * Bring `page` to what `fresh` shows, touching as little as possible: focus and selection survive in what did not change.
 * `known` is what the server wrote last time; the page's own may have counted on since. Gives what the server wrote now.
 */
export function bringUpToDate(page: Element, fresh: Element, known: Parts): Parts {
  const wanted = partsOf(fresh);
  const sameParts = wanted.size === known.size && [...wanted.keys()].every((key) => known.has(key));
  if (!sameParts) {
    page.replaceChildren(...withMountedIslands(fresh, page).childNodes);
    return wanted;
  }
  for (const element of page.querySelectorAll<HTMLElement>("[data-fresh]")) {
    const key = element.dataset["fresh"] ?? "";
    const part = fresh.querySelector<HTMLElement>(`[data-fresh="${CSS.escape(key)}"]`);
    if (part && wanted.get(key) !== known.get(key)) element.replaceWith(part.cloneNode(true));
  }
  return wanted;
}

/** Copy what the server wrote, with the islands that live in the page already in the places of their namesakes. */
function withMountedIslands(fresh: Element, page: Element): Node {
  const copy = fresh.cloneNode(true) as Element;
  for (const mounted of page.querySelectorAll<HTMLElement>("[data-mounted]")) {
    const name = CSS.escape(mounted.dataset["island"] ?? "");
    copy.querySelector(`[data-island="${name}"]`)?.replaceWith(mounted);
  }
  return copy;
}

/** Follow a layer's feed and renew `#main` whenever it speaks, at most once in `pauseMs`. */
export function keepFresh(layer: string, pauseMs?: number): void {
  keepFreshBy(`/live/events?layers=${encodeURIComponent(layer)}`, pauseMs);
}

/** Follow the feed at an address, as `keepFresh` does that of a layer. */
export function keepFreshBy(address: string, pauseMs = AT_MOST_EVERY_MS): void {
  const page = document.getElementById("main");
  if (!page) return;
  let known = partsOf(page);
  const renew = atMostEvery(pauseMs, async () => {
    const fresh = await fetchMain();
    if (!fresh) return;
    known = bringUpToDate(page, fresh, known);
    document.dispatchEvent(new Event(RENEWED));
  });
  const feed = new Feed(address, {
    onEvent: (event) => {
      if (event.kind !== "clock") renew();
    },
    onStatus: (status, silentSince) => feedStatus.set({ status, silentSince }),
  });
  feed.open();
}

/** Ask for this page again; null when there is no such page now (signed out, server away), which the feed shows too. */
async function fetchMain(): Promise<Element | null> {
  const response = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!response?.ok || response.redirected) return null;
  return new DOMParser().parseFromString(await response.text(), "text/html").getElementById("main");
}

/** Run `work` soon after a call, never twice at once, and once more if it was called meanwhile. */
function atMostEvery(pauseMs: number, work: () => Promise<void>): () => void {
  let waiting = false;
  let busy = false;
  async function run(): Promise<void> {
    busy = true;
    waiting = false;
    await work();
    setTimeout(() => {
      busy = false;
      if (waiting) void run();
    }, pauseMs);
  }
  return () => {
    waiting = true;
    if (!busy) void run();
  };
}
