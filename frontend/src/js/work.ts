/** The worker of the human check: finds the number whose SHA-256 with the salt is the challenge (ALTCHA, version 1). */
import { sha256 } from "./sha256";

interface Challenge { algorithm: string; challenge: string; salt: string; signature: string; maxNumber?: number; maxnumber?: number }

function answer(task: Challenge): string {
  if (task.algorithm !== "SHA-256") return "";
  const last = task.maxNumber ?? task.maxnumber ?? 1_000_000;
  const utf8 = new TextEncoder();
  for (let number = 0; number <= last; number++) {
    if (sha256(utf8.encode(task.salt + number)) !== task.challenge) continue;
    const { algorithm, challenge, salt, signature } = task;
    return btoa(JSON.stringify({ algorithm, challenge, number, salt, signature }));
  }
  return "";
}

addEventListener("message", ({ data }) => postMessage(answer(JSON.parse(String(data)) as Challenge)));
