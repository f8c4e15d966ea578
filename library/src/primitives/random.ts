import { randomBytes, randomFillSync, randomInt } from "node:crypto";

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Random bytes that nobody was given before. */
export type RandomSource = (length: number) => Uint8Array;

const poolBytes = 4_096;

/**
 * Random bytes drawn from a few thousand that are made at once: to ask the generator costs more than what one token needs of
 * it. Each byte is given once. For whoever issues by the thousand a second, and as an argument: no two share one.
 */
export function createRandomPool(): RandomSource {
  const pool = new Uint8Array(poolBytes);
  let used = poolBytes;
  return (length) => {
    if (length > poolBytes) return randomBytes(length);
    if (used + length > poolBytes) {
      randomFillSync(pool);
      used = 0;
    }
    used += length;
    return pool.subarray(used - length, used);
  };
}

/** Random characters of base62 without bias; one character is 5.95 bits, 43 are 256. */
export function randomBase62(length: number, random: RandomSource = randomBytes): string {
  let text = "";
  while (text.length < length) {
    const bytes = random(length + 16);
    for (let index = 0; index < bytes.length && text.length < length; index += 1) {
      const byte = bytes[index]!;
      // 248 is the largest multiple of 62 below 256; higher bytes would favour the first letters.
      if (byte < 248) text += base62[byte % 62];
    }
  }
  return text;
}

/** A new master secret: 256 random bits as text. */
export function newMasterSecret(): string {
  return randomBase62(43);
}

/** Writes a non-negative integer below 62^width in base62, padded. */
export function toBase62(value: number, width: number): string {
  let text = "";
  for (let rest = value, place = 0; place < width; place += 1, rest = Math.floor(rest / 62)) text = base62[rest % 62] + text;
  return text;
}

/** Random bytes, for nonces and keys. */
export function randomOctets(length: number): Buffer {
  return randomBytes(length);
}

/** A random whole number from 0 to `limit` - 1, without bias; `limit` is at most 2^48. */
export function randomBelow(limit: number): number {
  return randomInt(limit);
}
