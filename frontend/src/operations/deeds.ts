// What a person does to alarms from the screen: sent to the pages of alarms, which check and note it.

export type Outcome = "done" | "changed" | "refused" | "failed";

const OUTCOMES: Readonly<Record<number, Outcome>> = { 204: "done", 409: "changed", 400: "refused", 403: "refused" };

/** Send a deed; the pages answer 204 when it is done, 409 when the alarm has changed meanwhile. */
export async function send(url: string, fields: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const token = document.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")?.value ?? "";
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { Accept: "application/json", "X-CSRFToken": token },
      body: new URLSearchParams(fields),
      redirect: "manual",
    });
    return OUTCOMES[answer.status] ?? "failed";
  } catch {
    return "failed";
  }
}
