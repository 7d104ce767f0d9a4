import { afterEach, describe, expect, it, vi } from "vitest";
import mount, { stepFrom } from "./search";

const CONFIG = { address: "/search.json", none: "Nothing", all: "All" };
const FOUND = [
  { name: "Dĩ An", kind: "Ward", icon: "map-2", where: "", note: "", address: "/places/1/" },
  { name: "Dĩ An 2", kind: "Street", icon: "road", where: "Dĩ An", note: "", address: "/places/2/" },
];

function form(): { element: HTMLFormElement; input: HTMLInputElement } {
  document.body.innerHTML = '<form><label for="find">Find</label><input id="find"></form>';
  const element = document.querySelector("form") as HTMLFormElement;
  mount(element, CONFIG);
  return { element, input: element.querySelector("input") as HTMLInputElement };
}

afterEach(() => vi.restoreAllMocks());

describe("a step through what is offered", () => {
  it("goes round, by way of the box itself", () => {
    expect(stepFrom(-1, 1, 2)).toBe(0);
    expect(stepFrom(1, 1, 2)).toBe(-1);
    expect(stepFrom(-1, -1, 2)).toBe(1);
  });
});

describe("the search box", () => {
  it("offers what is found, marks what the arrows reach, and closes by Escape", async () => {
    vi.stubGlobal("fetch", async () => new Response(JSON.stringify({ found: FOUND })));
    const { element, input } = form();
    input.value = "di an";
    input.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown" }));
    await vi.waitFor(() => expect(element.querySelectorAll("[role=option]").length).toBe(2));
    expect(input.getAttribute("aria-expanded")).toBe("true");
    input.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown" }));
    expect(input.getAttribute("aria-activedescendant")).toBe("find-offers-0");
    expect(element.querySelector("[role=option]")?.textContent).toContain("Ward");
    input.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    expect(input.getAttribute("aria-expanded")).toBe("false");
  });

  it("says that nothing is found", async () => {
    vi.stubGlobal("fetch", async () => new Response(JSON.stringify({ found: [] })));
    const { element, input } = form();
    input.value = "zzz";
    input.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown" }));
    await vi.waitFor(() => expect(element.querySelector("[role=status]")?.textContent).toBe("Nothing"));
  });
});
