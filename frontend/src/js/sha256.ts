/** SHA-256 (FIPS 180-4) at once: the browser's own answers one question a turn of its loop, and is absent from pages
 *  without TLS. */

const firstBits = (root: number): number => ((root - Math.floor(root)) * 2 ** 32) | 0;
const PRIMES = [...Array(312).keys()].filter((n) => n > 1 && ![...Array(n).keys()].some((d) => d > 1 && n % d === 0));
const START = Int32Array.from(PRIMES.slice(0, 8), (prime) => firstBits(Math.sqrt(prime)));
const ROUNDS = Int32Array.from(PRIMES.slice(0, 64), (prime) => firstBits(Math.cbrt(prime)));

const words = new Int32Array(64);

/** The digest of `message` as eight words. */
export function sha256(message: Uint8Array): Int32Array {
  const length = message.length;
  const state = START.slice();
  for (let block = 0; block < length + 9; block += 64) {
    words.fill(0, 0, 16);
    for (let at = block; at < Math.min(block + 64, length + 1); at++) {
      words[(at & 63) >> 2]! |= (at < length ? message[at]! : 0x80) << (24 - 8 * (at & 3));
    }
    if (block + 64 >= length + 9) words[15] = length * 8;
    mix(state);
  }
  return state;
}

/** Words as lower-case hex. */
export const hex = (digest: Int32Array): string => Array.from(digest, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");

function mix(state: Int32Array): void {
  for (let i = 16; i < 64; i++) {
    const w2 = words[i - 2]!;
    const w15 = words[i - 15]!;
    const small0 = ((w15 >>> 7) | (w15 << 25)) ^ ((w15 >>> 18) | (w15 << 14)) ^ (w15 >>> 3);
    const small1 = ((w2 >>> 17) | (w2 << 15)) ^ ((w2 >>> 19) | (w2 << 13)) ^ (w2 >>> 10);
    words[i] = words[i - 16]! + small0 + words[i - 7]! + small1;
  }
  let a = state[0]!, b = state[1]!, c = state[2]!, d = state[3]!, e = state[4]!, f = state[5]!, g = state[6]!, h = state[7]!;
  for (let i = 0; i < 64; i++) {
    const big1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + big1 + ((e & f) ^ (~e & g)) + ROUNDS[i]! + words[i]!) | 0;
    const big0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (big0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
  }
  state[0]! += a; state[1]! += b; state[2]! += c; state[3]! += d; state[4]! += e; state[5]! += f; state[6]! += g; state[7]! += h;
}
