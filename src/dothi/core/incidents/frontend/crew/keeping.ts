// Lets the crew's pages open without a network: starts the service worker, and tells it what to keep.

import address from "./offline-worker.ts?worker&url";

const SCOPE = "/crew/";

/** Keep this page with all it is made of, and the orders it lists. The page says by `data-offline` when that is done. */
export async function keepForOffline(who: string): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register(address, { scope: SCOPE });
    const { active } = await navigator.serviceWorker.ready;
    if (!active) return;
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      document.documentElement.dataset["offline"] = "ready";
    };
    active.postMessage({ who, addresses: wanted() }, [channel.port2]);
  } catch {
    // A browser that forbids it, as in private windows: the pages go on to need a network.
  }
}

function wanted(): string[] {
  const listed = [...document.querySelectorAll<HTMLAnchorElement>("a.card-link")].map((link) => link.pathname);
  const files = performance.getEntriesByType("resource").map((entry) => new URL(entry.name));
  const ours = files.filter((file) => file.origin === location.origin && file.pathname.startsWith("/static/"));
  return [...new Set([location.pathname, ...listed, ...ours.map((file) => file.pathname)])];
}
