import { createCipheriv, createDecipheriv } from "node:crypto";
import { decodeBase64url } from "./base64url.ts";
import type { DerivedKey } from "./derive.ts";
import { createRandomPool } from "./random.ts";

/** Encryption at rest, for secrets that must be readable again. */
export interface Sealer {
  /**
   * Seals a text for one place: `context` names the row and column, and a sealed text moved to another place does not
   * open there.
   */
  seal(text: string, context: string): string;
  /** Undefined when it was sealed under another key or for another place, or was changed. */
  open(sealed: string, context: string): string | undefined;
  /** Whether it was sealed under the newest key; if not, seal it again. */
  isCurrent(sealed: string): boolean;
}

const version = "s1";
const nonceLength = 12;
const tagLength = 16;
const nonces = createRandomPool();

/**
 * AES-256-GCM (NIST SP 800-38D) with a random nonce of 96 bits, under the first of the keys; opens under any of them. The
 * name of the key stands in the sealed text and is authenticated: `s1.<key id>.<nonce, ciphertext and tag>`.
 */
export function createSealer(keys: readonly [DerivedKey, ...DerivedKey[]]): Sealer {
  const newest = keys[0];
  return {
    seal(text, context) {
      const nonce = nonces(nonceLength);
      const cipher = createCipheriv("aes-256-gcm", newest.key, nonce, { authTagLength: tagLength });
      const head = `${version}.${newest.id}`;
      cipher.setAAD(Buffer.from(`${head} ${context}`));
      const sealed = Buffer.concat([nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
      return `${head}.${sealed.toString("base64url")}`;
    },
    open(sealed, context) {
      const [format, keyId, body, ...rest] = sealed.split(".");
      const key = keys.find(({ id }) => id === keyId);
      const bytes = body === undefined ? undefined : decodeBase64url(body);
      if (format !== version || key === undefined || rest.length > 0 || bytes === undefined) return undefined;
      return bytes.length < nonceLength + tagLength ? undefined : decrypt(bytes, key.key, `${version}.${keyId} ${context}`);
    },
    isCurrent: (sealed) => sealed.startsWith(`${version}.${newest.id}.`),
  };
}

function decrypt(bytes: Buffer, key: Buffer, associated: string): string | undefined {
  const tagAt = bytes.length - tagLength;
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, nonceLength), { authTagLength: tagLength });
  decipher.setAAD(Buffer.from(associated));
  decipher.setAuthTag(bytes.subarray(tagAt));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(nonceLength, tagAt)), decipher.final()]).toString("utf8");
  } catch {
    return undefined;
  }
}
