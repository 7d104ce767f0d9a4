import { describe, expect, it, vi } from "vitest";
import { MemoryShelf } from "./memory-shelf";
import { flush, formOf, newKey, type Outcome, send, stateAfter, type Waiting } from "./outbox";

function waiting(deed: string, at_ms: number, more: Partial<Waiting> = {}): Waiting {
  const fixed = {
    who: "user:7",
    order: 3,
    address: `/work-orders/3/${deed}/`,
    note: "",
    keepsPlace: false,
    photos: [],
  };
  return { key: `${deed}-${at_ms}`, deed, at_ms, ...fixed, ...more };
}

async function shelfWith(...all: Waiting[]): Promise<MemoryShelf> {
  const shelf = new MemoryShelf();
  for (const each of all) await shelf.put(each);
  return shelf;
}

const SENT: Outcome = { kind: "sent" };
const LATER: Outcome = { kind: "later" };

describe("the outbox", () => {
  it("sends what waits in the order in which it was done, and forgets it", async () => {
    const shelf = await shelfWith(waiting("finish", 3), waiting("accept", 1), waiting("start", 2));
    const sent: string[] = [];
    const attempt = async (each: Waiting) => {
      sent.push(each.deed);
      return SENT;
    };
    expect(await flush(shelf, "user:7", attempt)).toEqual(SENT);
    expect(sent).toEqual(["accept", "start", "finish"]);
    expect(await shelf.list()).toEqual([]);
  });

  it("keeps everything from the first that has to wait on, so that no deed overtakes another", async () => {
    const shelf = await shelfWith(waiting("accept", 1), waiting("start", 2), waiting("finish", 3));
    const attempt = vi.fn(async (each: Waiting) => (each.deed === "start" ? LATER : SENT));
    expect(await flush(shelf, "user:7", attempt)).toEqual(LATER);
    expect((await shelf.list()).map((each) => each.deed)).toEqual(["start", "finish"]);
    expect(attempt).toHaveBeenCalledTimes(2);
  });

  it("keeps what is refused with the reason, and does not ask again", async () => {
    const shelf = await shelfWith(waiting("accept", 1), waiting("note", 2));
    const attempt = vi.fn(
      async (each: Waiting): Promise<Outcome> =>
        each.deed === "accept" ? { kind: "refused", message: "changed" } : SENT,
    );
    await flush(shelf, "user:7", attempt);
    await flush(shelf, "user:7", attempt);
    expect((await shelf.list()).map((each) => each.refused)).toEqual(["changed"]);
    expect(attempt).toHaveBeenCalledTimes(2);
  });

  it("sends nothing of someone else who used the same phone", async () => {
    const shelf = await shelfWith(waiting("accept", 1, { who: "user:8" }));
    expect(await flush(shelf, "user:7", async () => SENT)).toBeNull();
    expect(await shelf.list()).toHaveLength(1);
  });
});

describe("an attempt", () => {
  const answers: [Response | null, Outcome][] = [
    [Response.json({ state: "accepted" }), SENT],
    [Response.json({ message: "changed" }, { status: 409 }), { kind: "refused", message: "changed" }],
    [new Response("<html>", { status: 400 }), { kind: "refused", message: "" }],
    [new Response("", { status: 503 }), LATER],
    [new Response("", { status: 403 }), { kind: "signed-out" }],
    [null, LATER],
  ];
  it.each(answers)("is understood by its answer", async (answer, outcome) => {
    const ask = async () => {
      if (!answer) throw new TypeError("Failed to fetch");
      return answer;
    };
    expect(await send(waiting("accept", 1), "token", ask)).toEqual(outcome);
  });

  it("carries its key, and how long ago it was done", () => {
    const form = formOf(waiting("note", 1_000, { note: "cáp đứt", photos: [new Blob(["x"])] }), 61_400);
    expect([form.get("key"), form.get("ago_s"), form.get("note"), form.has("keeps_place")]).toEqual([
      "note-1000",
      "60",
      "cáp đứt",
      false,
    ]);
    expect(form.getAll("photo")).toHaveLength(1);
  });
});

describe("what is offered", () => {
  it("follows from what waits", () => {
    const queue = [waiting("accept", 1), waiting("start", 2), waiting("finish", 3, { order: 4 })];
    expect(stateAfter("issued", 3, queue)).toBe("under_way");
    expect(stateAfter("issued", 3, [waiting("accept", 1, { refused: "x" })])).toBe("issued");
  });

  it("has a name of its own each time", () => {
    expect(new Set([newKey(), newKey(), newKey()]).size).toBe(3);
  });
});
