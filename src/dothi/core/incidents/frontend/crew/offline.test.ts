import { beforeEach, describe, expect, it } from "vitest";
import { answer, keepAll, type Shelf, type Tools } from "./offline";

const HERE = location.origin;

class Net implements Tools {
  pages = new Map<string, () => Response>();
  kept = new Map<string, Response>();

  open(): Promise<Shelf> {
    const address = (asked: Request | string) => (typeof asked === "string" ? asked : asked.url).replace(HERE, "");
    return Promise.resolve({
      match: (asked) => Promise.resolve(this.kept.get(address(asked))?.clone()),
      put: (asked, response) => Promise.resolve(void this.kept.set(address(asked), response)),
    });
  }

  fetch(asked: Request | string): Promise<Response> {
    const found = this.pages.get((typeof asked === "string" ? asked : asked.url).replace(HERE, ""));
    return found ? Promise.resolve(found()) : Promise.reject(new TypeError("no network"));
  }

  drop(): Promise<void> {
    this.kept.clear();
    return Promise.resolve();
  }
}

function asked(path: string, method = "GET"): Request {
  return new Request(`${HERE}${path}`, { method });
}

describe("the crew's worker", () => {
  let net: Net;
  beforeEach(() => {
    net = new Net();
    net.pages.set("/crew/", () => new Response("today"));
    net.pages.set("/crew/7/", () => new Response("order 7"));
    net.pages.set("/static/build/a.js", () => new Response("code"));
  });

  it("gives the network's answer while there is one, and what it kept when there is none", async () => {
    await keepAll({ who: "user:1", addresses: ["/crew/", "/crew/7/", "/static/build/a.js"] }, net);
    net.pages.set("/crew/", () => new Response("newer"));
    expect(await (await answer(asked("/crew/"), net))?.text()).toBe("newer");
    net.pages.clear();
    for (const [path, text] of [
      ["/crew/", "newer"],
      ["/crew/7/", "order 7"],
      ["/static/build/a.js", "code"],
    ] as const)
      expect(await (await answer(asked(path), net))?.text()).toBe(text);
    await expect(answer(asked("/crew/8/"), net)).rejects.toThrow("no network");
  });

  it("leaves to the browser what is no crew's page and what is sent", () => {
    expect(answer(asked("/"), net)).toBeNull();
    expect(answer(asked("/work-orders/7/"), net)).toBeNull();
    expect(answer(asked("/crew/", "POST"), net)).toBeNull();
    expect(answer(new Request("https://elsewhere.example/crew/"), net)).toBeNull();
  });

  it("forgets everything when somebody is refused, or somebody else uses the phone", async () => {
    await keepAll({ who: "user:1", addresses: ["/crew/"] }, net);
    net.pages.set("/crew/", () => new Response("no", { status: 403 }));
    expect((await answer(asked("/crew/"), net))?.status).toBe(403);
    expect(net.kept.size).toBe(0);
    await keepAll({ who: "user:1", addresses: ["/crew/7/"] }, net);
    await keepAll({ who: "user:2", addresses: ["/static/build/a.js"] }, net);
    expect([...net.kept.keys()].sort()).toEqual(["/crew/.owner", "/static/build/a.js"]);
  });

  it("keeps no error, and stops where the network goes away", async () => {
    net.pages.set("/crew/", () => new Response("wrong", { status: 500 }));
    await keepAll({ who: "user:1", addresses: ["/crew/", "/crew/9/", "/crew/7/"] }, net);
    expect([...net.kept.keys()]).toEqual(["/crew/.owner"]);
  });
});
