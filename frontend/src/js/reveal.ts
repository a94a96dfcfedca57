/** The show/hide button of a password field; hidden again before the form travels. */

/** Shows or hides the secret in `field` and turns the word on `button`, whose data-words are "show|hide". */
export function reveal(field: HTMLInputElement, button: HTMLElement, shown: boolean): void {
  const [show = "", hide = ""] = (button.dataset["words"] ?? "").split("|");
  field.type = shown ? "text" : "password";
  button.textContent = shown ? hide : show;
  button.setAttribute("aria-pressed", String(shown));
}

export function letSecretsBeSeen(page: Document): void {
  for (const button of page.querySelectorAll<HTMLElement>("[data-reveal]")) {
    const field = page.getElementById(button.dataset["reveal"] ?? "");
    if (!(field instanceof HTMLInputElement)) continue;
    button.hidden = false;
    button.addEventListener("click", () => reveal(field, button, field.type === "password"));
    field.form?.addEventListener("submit", () => reveal(field, button, false));
  }
}
