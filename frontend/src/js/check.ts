/** The human check: a worker looks for the number that the challenge hides, and the answer goes into a hidden field. */

const waiting = new WeakMap<HTMLFormElement, Promise<void>>();

/** Starts the search for each field that carries a challenge; data-worker is the address of our worker. */
export function startChecks(page: Document): void {
  for (const field of page.querySelectorAll<HTMLInputElement>("input[data-challenge]")) {
    const { challenge, worker } = field.dataset;
    if (!field.form || field.value || !challenge || !worker) continue;
    const form = field.form;
    waiting.set(form, search(challenge, worker).then((answer) => { field.value = answer; waiting.delete(form); }));
  }
}

/** The search that `form` must wait for, or undefined when it may go. */
export const finishedCheck = (form: HTMLFormElement): Promise<void> | undefined => waiting.get(form);

/** The answer in the form that the server reads; empty when no answer can be found here. */
function search(challenge: string, address: string): Promise<string> {
  return new Promise((found) => {
    try {
      const worker = new Worker(ours(address), { type: "module" });
      worker.onmessage = ({ data }) => { worker.terminate(); found(String(data)); };
      worker.onerror = () => found("");
      worker.postMessage(challenge);
    } catch {
      found("");
    }
  });
}

interface TrustedTypes { createPolicy(name: string, rules: { createScriptURL(address: string): string }): { createScriptURL(address: string): URL } }

/** The address as the page's policy wants it: only our own worker may pass. */
function ours(address: string): string | URL {
  const own = (given: string): string => {
    if (new URL(given, location.href).origin !== location.origin) throw new TypeError("not our worker");
    return given;
  };
  const types = (window as { trustedTypes?: TrustedTypes }).trustedTypes;
  return types ? types.createPolicy("menshen-worker", { createScriptURL: own }).createScriptURL(address) : own(address);
}
