// The crew's pages without a network: a service worker that answers from the network, and from what it kept without one.

import { answer, CACHE, type Kept, keepAll, type Shelf } from "./offline";

interface Waits extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface Fetches extends Waits {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

interface Worker extends EventTarget {
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
}

const worker = globalThis as unknown as Worker;
const open = (): Promise<Shelf> => caches.open(CACHE);

// A newer worker takes over at once: it keeps the same things in the same place.
worker.addEventListener("install", (event) => (event as Waits).waitUntil(worker.skipWaiting()));
worker.addEventListener("activate", (event) => (event as Waits).waitUntil(worker.clients.claim()));

worker.addEventListener("fetch", (event) => {
  const { request } = event as Fetches;
  const found = answer(request, { open, fetch: (asked) => fetch(asked), drop: () => caches.delete(CACHE) });
  if (found) (event as Fetches).respondWith(found);
});

worker.addEventListener("message", (event) => {
  const { data, ports } = event as MessageEvent<Kept>;
  const done = keepAll(data, { open, fetch: (asked) => fetch(asked), drop: () => caches.delete(CACHE) });
  (event as unknown as Waits).waitUntil(done.then(() => ports[0]?.postMessage("kept")));
});
