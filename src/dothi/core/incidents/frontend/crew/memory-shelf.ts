// Stands in for the browser's database where there is none: keeps deeds as long as the page is open.

import type { Draft, Shelf, Waiting } from "./outbox";

export class MemoryShelf implements Shelf {
  private readonly deeds = new Map<string, Waiting>();
  private readonly drafts = new Map<number, Draft>();

  async list(): Promise<Waiting[]> {
    return [...this.deeds.values()].sort((one, other) => one.at_ms - other.at_ms);
  }

  async put(waiting: Waiting): Promise<void> {
    this.deeds.set(waiting.key, waiting);
  }

  async remove(key: string): Promise<void> {
    this.deeds.delete(key);
  }

  async findDraft(_who: string, order: number): Promise<Draft | undefined> {
    return this.drafts.get(order);
  }

  async keepDraft(draft: Draft): Promise<void> {
    this.drafts.set(draft.order, draft);
  }
}
