/** The way of a form: one press counts, a waiting human check is finished first, and the button shows that it works. */
import { finishedCheck, startChecks } from "./check";

const ONE_PRESS_MS = 8000;

export function followSubmits(page: Document): void {
  startChecks(page);
  page.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || event.defaultPrevented) return;
    if (form.ariaBusy === "true") return event.preventDefault();
    const waiting = finishedCheck(form);
    if (waiting) {
      event.preventDefault();
      const pressed = event.submitter;
      void waiting.then(() => { rest(form); form.requestSubmit(pressed); });
    }
    form.ariaBusy = "true";
    event.submitter?.setAttribute("data-pressed", "");
    if (!waiting) window.setTimeout(() => rest(form), ONE_PRESS_MS);
  });
  window.addEventListener("pageshow", () => page.querySelectorAll("form").forEach(rest));
}

function rest(form: HTMLFormElement): void {
  form.ariaBusy = null;
  form.querySelectorAll("[data-pressed]").forEach((button) => button.removeAttribute("data-pressed"));
}
