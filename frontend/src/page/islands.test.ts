import { describe, expect, it } from "vitest";
import { islandName, mountIslands } from "./islands";

describe("islands", () => {
  it("are named by their file, those of a package with the package before", () => {
    expect(islandName("./islands/map.ts")).toBe("map");
    expect(islandName("../../src/dothi/domains/lighting/frontend/lamps.ts")).toBe("lighting/lamps");
    expect(islandName("../../src/dothi/core/alarms/frontend/queue.ts")).toBe("alarms/queue");
  });

  it("are mounted once each with their configuration; an unknown one is left alone", async () => {
    document.body.innerHTML = `<div data-island="a" data-config='{"n":1}'></div><div data-island="gone"></div>`;
    const mounted: unknown[] = [];
    const loaders = {
      "./islands/a.ts": async () => ({ default: (_el: HTMLElement, config: unknown) => void mounted.push(config) }),
    };
    await mountIslands(document, loaders);
    await mountIslands(document, loaders);
    expect(mounted).toEqual([{ n: 1 }]);
  });
});
