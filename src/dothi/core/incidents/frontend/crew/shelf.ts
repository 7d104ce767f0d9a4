// The browser's own database, in which deeds and drafts outlive a reload and a dead battery.

import type { Draft, Shelf, Waiting } from "./outbox";

const NAME = "dothi-crew";
const DEEDS = "deeds";
const DRAFTS = "drafts";

/** The outbox and the drafts in IndexedDB. */
export class BrowserShelf implements Shelf {
  private constructor(private readonly database: IDBDatabase) {}

  /** Open it. Rejects where the browser keeps nothing, as in some private windows. */
  static open(): Promise<BrowserShelf> {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(DEEDS, { keyPath: "key" });
      request.result.createObjectStore(DRAFTS, { keyPath: ["who", "order"] });
    };
    return answerOf(request).then((database) => new BrowserShelf(database));
  }

  async list(): Promise<Waiting[]> {
    const found: Waiting[] = await answerOf(this.store(DEEDS, "readonly").getAll());
    return found.sort((one, other) => one.at_ms - other.at_ms);
  }

  async put(waiting: Waiting): Promise<void> {
    await answerOf(this.store(DEEDS, "readwrite").put(waiting));
  }

  async remove(key: string): Promise<void> {
    await answerOf(this.store(DEEDS, "readwrite").delete(key));
  }

  /** Give the draft for an order, if there is one. */
  async findDraft(who: string, order: number): Promise<Draft | undefined> {
    return answerOf(this.store(DRAFTS, "readonly").get([who, order]));
  }

  /** Keep a draft; an empty one is forgotten. */
  async keepDraft(draft: Draft): Promise<void> {
    const store = this.store(DRAFTS, "readwrite");
    const isEmpty = !draft.note && draft.photos.length === 0;
    await (isEmpty ? answerOf(store.delete([draft.who, draft.order])) : answerOf(store.put(draft)));
  }

  private store(name: string, mode: IDBTransactionMode): IDBObjectStore {
    return this.database.transaction(name, mode).objectStore(name);
  }
}

function answerOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
