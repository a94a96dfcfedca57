/** One question about a password to our own server; null when there is no answer. */

/** Posts what is typed, for whom (the sealed data-context of the field), and the token of its form. */
export async function ask<Answer>(address: string, field: HTMLInputElement): Promise<Answer | null> {
  const token = field.form?.querySelector<HTMLInputElement>("[name=form_token]")?.value ?? "";
  const body = new URLSearchParams({ form_token: token, password: field.value, context: field.dataset["context"] ?? "" });
  try {
    const answer = await fetch(address, { method: "POST", body, headers: { accept: "application/json" }, redirect: "error" });
    return answer.ok ? ((await answer.json()) as Answer) : null;
  } catch {
    return null;
  }
}
