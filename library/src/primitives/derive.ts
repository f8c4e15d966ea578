import { createHmac, hash, hkdfSync } from "node:crypto";

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
 * The same from a token of ours, at a fifth of the cost: HKDF-Expand alone (RFC 5869 s.2.3), whose one block is one HMAC. Its
 * first half makes a uniform key of what is none, and 256 random bits need no such thing (s.3.3). Not for master secrets,
 * which people may have chosen.
 */
export function expandKey(token: string, purpose: string): Buffer {
  return createHmac("sha256", token).update(`latchkey ${purpose}\u0001`).digest();
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
