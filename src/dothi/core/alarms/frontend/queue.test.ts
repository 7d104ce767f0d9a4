import { describe, expect, it, vi } from "vitest";
import { keepChosen } from "./queue";

const boxes = (...ids: number[]) => ids.map((id) => `<input type="checkbox" value="${id}">`).join("");

function box(page: HTMLElement, id: number): HTMLInputElement {
  const found = page.querySelector<HTMLInputElement>(`[value="${id}"]`);
  if (!found) throw new Error(`no box ${id}`);
  return found;
}

function choose(page: HTMLElement, id: number, checked: boolean): void {
  box(page, id).checked = checked;
  box(page, id).dispatchEvent(new Event("change", { bubbles: true }));
}

describe("the alarms a person has chosen", () => {
  it("stay chosen when the server writes the queue anew, and no others", async () => {
    const page = document.createElement("main");
    page.innerHTML = boxes(1, 2, 3);
    keepChosen(page);
    choose(page, 1, true);
    choose(page, 2, true);
    choose(page, 2, false);
    page.innerHTML = boxes(4, 1, 2);
    await vi.waitFor(() => expect(box(page, 1).checked).toBe(true));
    expect([box(page, 4).checked, box(page, 2).checked]).toEqual([false, false]);
  });
});
