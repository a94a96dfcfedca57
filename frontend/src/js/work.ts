/** The worker of the human check: finds the number whose SHA-256 with the salt is the challenge (ALTCHA, version 1). */
import { hex, sha256 } from "./sha256";

interface Challenge { algorithm: string; challenge: string; salt: string; signature: string; maxNumber?: number; maxnumber?: number }

function answer(task: Challenge): string {
  if (task.algorithm !== "SHA-256") return "";
  const last = task.maxNumber ?? task.maxnumber ?? 1_000_000;
  const wanted = parseInt(task.challenge.slice(0, 8), 16) | 0;
  const utf8 = new TextEncoder();
  for (let number = 0; number <= last; number++) {
    const digest = sha256(utf8.encode(task.salt + number));
    if (digest[0] !== wanted || hex(digest) !== task.challenge) continue;
    const { algorithm, challenge, salt, signature } = task;
    return btoa(JSON.stringify({ algorithm, challenge, number, salt, signature }));
  }
  return "";
}

addEventListener("message", ({ data }) => postMessage(answer(JSON.parse(String(data)) as Challenge)));
