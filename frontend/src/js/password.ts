/** The rules of a new password, ticked by the server's verdict while typing, and a password made by the server. */
import { ask } from "./ask";
import { reveal } from "./reveal";

const TYPING_PAUSE_MS = 300;
const SPEAKING_PAUSE_MS = 1000;

type RuleState = "met" | "not" | "open";
interface Verdict { rules: { code: string; state: RuleState; text: string }[]; status: string }

const SHAPES: Record<RuleState, string> = { met: "circle-check", not: "circle-x", open: "circle-dashed" };

export function judgeWhileTyping(page: Document): void {
  for (const field of page.querySelectorAll<HTMLInputElement>("input[data-verdict]")) {
    let typing = 0;
    let speaking = 0;
    let asked = 0;
    const rest = (): void => {
      clearTimeout(typing);
      clearTimeout(speaking);
    };
    // Once the form is sent its token may be of an ended session: nothing is asked any more.
    field.form?.addEventListener("submit", rest);
    field.addEventListener("input", () => {
      rest();
      typing = window.setTimeout(async () => {
        const turn = ++asked;
        const verdict = await ask<Verdict>(field.dataset["verdict"] ?? "", field);
        if (verdict === null || turn !== asked) return;
        tick(page, field, verdict);
        const status = page.getElementById(`${field.id}-status`);
        speaking = window.setTimeout(() => { if (status) status.textContent = verdict.status; }, SPEAKING_PAUSE_MS - TYPING_PAUSE_MS);
      }, TYPING_PAUSE_MS);
    });
  }
}

function tick(page: Document, field: HTMLInputElement, verdict: Verdict): void {
  const list = page.getElementById(`${field.id}-rules`);
  if (list === null) return;
  for (const rule of verdict.rules) {
    const line = list.querySelector<HTMLElement>(`[data-rule="${CSS.escape(rule.code)}"]`) ?? anotherLine(list, rule.code);
    if (line === null) continue;
    line.className = rule.state;
    const shape = line.querySelector("use");
    shape?.setAttribute("href", (shape.getAttribute("href") ?? "").replace(/#.*/, `#${SHAPES[rule.state]}`));
    const words = line.querySelector("span");
    if (words) words.textContent = rule.text;
  }
}

/** A rule that the first list did not hold, such as a finding about leaks. */
function anotherLine(list: HTMLElement, code: string): HTMLElement | null {
  const line = list.lastElementChild?.cloneNode(true);
  if (!(line instanceof HTMLElement)) return null;
  line.dataset["rule"] = code;
  list.append(line);
  return line;
}

export function offerGenerated(page: Document): void {
  for (const button of page.querySelectorAll<HTMLButtonElement>("button[data-generate]")) {
    const field = page.getElementById(button.dataset["for"] ?? "");
    if (!(field instanceof HTMLInputElement)) continue;
    button.addEventListener("click", async (press) => {
      press.preventDefault();
      const made = await ask<{ password: string }>(button.dataset["generate"] ?? "", field);
      if (made === null) return;
      field.value = made.password;
      const words = page.querySelector<HTMLElement>(`[data-reveal="${CSS.escape(field.id)}"]`);
      if (words) reveal(field, words, true);
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.focus();
    });
  }
}
