// What a crew did and wrote that the server may not know yet: kept in the browser, sent in order, each thing once.

/** One deed that waits to be sent; `at_ms` is when it was done, by `wallMs`. */
export interface Waiting {
  readonly key: string;
  readonly who: string;
  readonly order: number;
  readonly address: string;
  readonly deed: string;
  readonly note: string;
  readonly keepsPlace: boolean;
  readonly photos: readonly Blob[];
  readonly at_ms: number;
  readonly refused?: string;
}

/** What a person has written and photographed for an order, and has not given away yet. */
export interface Draft {
  readonly order: number;
  readonly who: string;
  readonly note: string;
  readonly photos: readonly Blob[];
}

/** What became of an attempt: it is in, the network or the server is away, the session is over, or it is refused. */
export type Outcome =
  | { readonly kind: "sent" }
  | { readonly kind: "later" }
  | { readonly kind: "signed-out" }
  | { readonly kind: "refused"; readonly message: string };

/** Where deeds and drafts are kept; the browser's database, or in tests an array. */
export interface Shelf {
  list(): Promise<Waiting[]>;
  put(waiting: Waiting): Promise<void>;
  remove(key: string): Promise<void>;
}

/** Give the wall's time in ms; it measures how long a deed waited, and is shown to nobody. */
export function wallMs(): number {
  return performance.timeOrigin + performance.now();
}

/** Make a name for one deed, by which the server knows it again; `randomUUID` is not there without https. */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Write a deed as the form it came from. */
export function formOf(waiting: Waiting, now_ms: number): FormData {
  const form = new FormData();
  form.set("key", waiting.key);
  form.set("note", waiting.note);
  form.set("ago_s", String(Math.max(0, Math.round((now_ms - waiting.at_ms) / 1000))));
  if (waiting.keepsPlace) form.set("keeps_place", "1");
  for (const [number, photo] of waiting.photos.entries()) form.append("photo", photo, `photo-${number + 1}`);
  return form;
}

/** Try to send a deed. Never throws: without a network it is for later. */
export async function send(waiting: Waiting, token: string, ask: typeof fetch = fetch): Promise<Outcome> {
  const request = {
    method: "POST",
    body: formOf(waiting, wallMs()),
    headers: { Accept: "application/json", "X-CSRFToken": token },
    redirect: "manual",
  } as const;
  const response = await ask(waiting.address, request).catch(() => null);
  return response ? outcomeOf(response) : { kind: "later" };
}

async function outcomeOf(response: Response): Promise<Outcome> {
  if (response.ok) return { kind: "sent" };
  if (response.type === "opaqueredirect" || response.status === 401 || response.status === 403) {
    return { kind: "signed-out" };
  }
  if (response.status >= 500 || response.status === 429 || response.status === 408) return { kind: "later" };
  const told: unknown = await response.json().catch(() => null);
  const message = typeof told === "object" && told !== null && "message" in told ? String(told.message) : "";
  return { kind: "refused", message };
}

/**
 * Send what waits, in the order in which it was done, until something has to wait longer. What is refused stays, with
 * the reason, until the person drops it. Gives the last outcome, or null when nothing waited.
 */
export async function flush(
  shelf: Shelf,
  who: string,
  attempt: (waiting: Waiting) => Promise<Outcome>,
): Promise<Outcome | null> {
  let last: Outcome | null = null;
  for (const waiting of await shelf.list()) {
    if (waiting.who !== who || waiting.refused !== undefined) continue;
    last = await attempt(waiting);
    if (last.kind === "later" || last.kind === "signed-out") return last;
    if (last.kind === "sent") await shelf.remove(waiting.key);
    else await shelf.put({ ...waiting, refused: last.message });
  }
  return last;
}

const LEADS: Readonly<Record<string, string>> = { accept: "accepted", start: "under_way", finish: "done" };

/** Give the state an order will have once everything that waits for it is in. */
export function stateAfter(state: string, order: number, waiting: readonly Waiting[]): string {
  return waiting
    .filter((each) => each.order === order && each.refused === undefined)
    .reduce((before, each) => LEADS[each.deed] ?? before, state);
}
