/** Small comforts: menus that close, text that copies, seconds that count down. */

export function closeMenus(page: Document): void {
  const shut = (but?: EventTarget | null): void => {
    page.querySelectorAll<HTMLDetailsElement>("details.menu[open]").forEach((menu) => {
      if (!(but instanceof Node && menu.contains(but))) menu.open = false;
    });
  };
  page.addEventListener("click", (event) => shut(event.target));
  page.addEventListener("focusin", (event) => shut(event.target));
  page.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    page.querySelector<HTMLElement>("details.menu[open] > summary")?.focus();
    shut();
  });
}

/** A button with data-copy copies the text of the element it names; data-words are "copy|copied". */
export function copyOnPress(page: Document): void {
  if (!navigator.clipboard) return;
  for (const button of page.querySelectorAll<HTMLButtonElement>("button[data-copy]")) {
    const [copy = "", copied = ""] = (button.dataset["words"] ?? "").split("|");
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(page.getElementById(button.dataset["copy"] ?? "")?.textContent?.trim() ?? "");
      button.textContent = copied;
      window.setTimeout(() => { button.textContent = copy; }, 2000);
    });
  }
}

/** An element with data-seconds shows the seconds left inside its sentence, and vanishes at zero. */
export function countDown(page: Document): void {
  for (const sentence of page.querySelectorAll<HTMLElement>("[data-seconds]")) {
    const until = performance.now() + Number(sentence.dataset["seconds"]) * 1000;
    const shown = sentence.textContent ?? "";
    const clock = window.setInterval(() => {
      const left = Math.ceil((until - performance.now()) / 1000);
      sentence.textContent = shown.replace(/\d+/, String(Math.max(left, 0)));
      if (left <= 0) { clearInterval(clock); sentence.hidden = true; }
    }, 1000);
  }
}
