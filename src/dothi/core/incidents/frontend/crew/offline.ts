// What the crew's service worker keeps of pages and files, and when it gives them out: only where the network is away.

export const CACHE = "dothi-crew";
/** Below this address the worker answers for pages; what they are made of lies below the second. */
const PAGES = "/crew/";
const FILES = "/static/";
/** Where it stands whose pages are kept. */
const OWNER = "/crew/.owner";

export interface Shelf {
  match(request: Request | string, options?: { ignoreVary?: boolean }): Promise<Response | undefined>;
  put(request: Request | string, response: Response): Promise<void>;
}

export interface Tools {
  open(): Promise<Shelf>;
  fetch(request: Request | string): Promise<Response>;
  /** Forget everything that is kept. */
  drop(): Promise<unknown>;
}

/** A page says whose it is, and what is to be kept for when there is no network. */
export interface Kept {
  readonly who: string;
  readonly addresses: readonly string[];
}

/** Answer a request of a crew's page; null for what the browser does by itself. */
export function answer(request: Request, tools: Tools): Promise<Response> | null {
  const { origin, pathname } = new URL(request.url);
  const isOurs = request.method === "GET" && origin === location.origin;
  if (!isOurs || !(pathname.startsWith(PAGES) || pathname.startsWith(FILES))) return null;
  return fromNetwork(request, tools);
}

async function fromNetwork(request: Request, tools: Tools): Promise<Response> {
  let response: Response;
  try {
    response = await tools.fetch(request);
  } catch (error) {
    const shelf = await tools.open();
    const kept = await shelf.match(request, { ignoreVary: true });
    if (kept) return kept;
    throw error;
  }
  await take(request, response, tools);
  return response;
}

/** Keep a good answer; whoever is sent away to sign in, or refused, has nothing to be kept for them any more. */
async function take(request: Request | string, response: Response, tools: Tools): Promise<void> {
  const isPage = new URL(typeof request === "string" ? request : request.url, location.href).pathname.startsWith(PAGES);
  const isAway = response.type === "opaqueredirect" || response.redirected || [401, 403].includes(response.status);
  if (isPage && isAway) await tools.drop();
  else if (response.ok) await (await tools.open()).put(request, response.clone());
}

/** Keep what a page asks for; what was kept for somebody else is forgotten first. */
export async function keepAll(kept: Kept, tools: Tools): Promise<void> {
  const owner = await (await tools.open()).match(OWNER);
  if (owner && (await owner.text()) !== kept.who) await tools.drop();
  await (await tools.open()).put(OWNER, new Response(kept.who));
  for (const address of kept.addresses) {
    try {
      await take(address, await tools.fetch(address), tools);
    } catch {
      // The network went away meanwhile: what is kept so far stays.
      return;
    }
  }
}
