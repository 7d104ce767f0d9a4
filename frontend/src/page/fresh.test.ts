import { beforeEach, describe, expect, it } from "vitest";
import { bringUpToDate, partsOf } from "./fresh";

function main(markup: string): HTMLElement {
  const element = document.createElement("main");
  element.innerHTML = markup;
  return element;
}

const row = (id: number, power: string) => `<p data-fresh="lamp-${id}"><b>${power}</b></p>`;

describe("a page is brought up to date", () => {
  let page: HTMLElement;

  beforeEach(() => {
    page = main(`<h1>Lamps</h1>${row(1, "98 W")}${row(2, "0 W")}`);
  });

  it("changes the parts the server wrote anew, and leaves the others as they are", () => {
    const untouched = page.querySelector('[data-fresh="lamp-2"]');
    bringUpToDate(page, main(`<h1>Lamps</h1>${row(1, "70 W")}${row(2, "0 W")}`), partsOf(page));
    expect(page.textContent).toBe("Lamps70 W0 W");
    expect(page.querySelector('[data-fresh="lamp-2"]')).toBe(untouched);
  });

  it("takes what the page itself counted on for no change", () => {
    const known = partsOf(page);
    const counting = page.querySelector("b");
    if (counting) counting.textContent = "12 s";
    bringUpToDate(page, main(`<h1>Lamps</h1>${row(1, "98 W")}${row(2, "0 W")}`), known);
    expect(page.querySelector("b")).toBe(counting);
  });

  it("writes the page anew when parts came or went", () => {
    const known = bringUpToDate(page, main(`<h1>Lamps</h1>${row(3, "5 W")}`), partsOf(page));
    expect(page.textContent).toBe("Lamps5 W");
    expect([...known.keys()]).toEqual(["lamp-3"]);
  });

  it("keeps the islands that live in the page", () => {
    const island = page.appendChild(document.createElement("i"));
    island.dataset["island"] = "feed";
    island.dataset["mounted"] = "";
    bringUpToDate(page, main(`<i data-island="feed"></i>${row(3, "5 W")}`), partsOf(page));
    expect(page.querySelector("[data-island]")).toBe(island);
  });
});
