import { createHmac, hash, hkdfSync } from "node:crypto";
import type { RandomSource } from "./random.ts";

/** One key of a purpose, and the name by which what it made can be matched to it later. */
export interface DerivedKey {
  /** Names the key, tells nothing of it: eight bytes of a digest of a key derived for nothing else. */
  readonly id: string;
  readonly key: Buffer;
}

/**
 * The 32-byte key for one purpose from a master secret, by HKDF-SHA-256 (RFC 5869). Purposes never share a key, so that
 * what one of them gives away is of no use to another. The purpose is a fixed text of ours, e.g. `audit-chain`; changing
 * it makes everything that was made with the old key unreadable.
 */
export function deriveKey(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, "", `latchkey ${purpose}`, 32));
}

/**
 * Octets of a token of ours, the same each time, and as good as random for whoever does not have it: HKDF-Expand alone
 * (RFC 5869 s.2.3) with SHA-512, of which a block is enough for a token. Its first half makes a uniform key of what is none, and
 * 256 random bits need no such thing (s.3.3). Not for master secrets, which people may have chosen.
 */
export function expandToken(token: string, purpose: string): RandomSource {
  let block: Buffer = Buffer.alloc(0);
  let blocks = 0;
  let left = block;
  return (length) => {
    while (left.length < length) {
      blocks += 1;
      block = createHmac("sha512", token).update(block).update(`latchkey ${purpose}`).update(Buffer.of(blocks)).digest();
      left = Buffer.concat([left, block]);
    }
    const drawn = left.subarray(0, length);
    left = left.subarray(length);
    return drawn;
  };
}

/**
 * The keys of one purpose for all master secrets, newest first: make with the first, accept by any. Throws a RangeError
 * for an empty list, so that nothing is ever made without a key.
 */
export function deriveKeys(secrets: readonly string[], purpose: string): readonly [DerivedKey, ...DerivedKey[]] {
  const [first, ...older] = secrets.map((secret) => keyOf(secret, purpose));
  if (first === undefined) throw new RangeError("deriveKeys: needs at least one master secret");
  return [first, ...older];
}

function keyOf(secret: string, purpose: string): DerivedKey {
  // From a key of its own, so that what is published never depends on the working key.
  const id = hash("sha256", deriveKey(secret, `${purpose} key-id`), "hex").slice(0, 16);
  return { id, key: deriveKey(secret, purpose) };
}
