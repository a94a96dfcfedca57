/** One question to our own server: the form's fields go, JSON comes back; null when there is no answer. */

/** Posts the fields of `form`, its form token among them, so that the server judges what it would get. */
export async function ask<Answer>(address: string, form: HTMLFormElement | null): Promise<Answer | null> {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form ?? undefined)) if (typeof value === "string") body.append(name, value);
  try {
    const answer = await fetch(address, { method: "POST", body, headers: { accept: "application/json" }, redirect: "error" });
    return answer.ok ? ((await answer.json()) as Answer) : null;
  } catch {
    return null;
  }
}
