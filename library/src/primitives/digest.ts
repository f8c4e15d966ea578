import { hash } from "node:crypto";

/** SHA-256 in base64url, 43 characters: how random secrets (>= 128 bits) are stored and named. Not for passwords. */
export function sha256(text: string | Uint8Array): string {
  return hash("sha256", text, "base64url");
}

/**
 * SHA-256 over a key and a text, in base64url, 43 characters: names a secret that people chose, which its bare digest would let
 * one guess. For names that stay with us, not to authenticate anything: no HMAC, which costs three times as much on the hot
 * path. The key has a fixed length, so no two pairs run together.
 */
export function keyedSha256(key: Buffer, text: string): string {
  return hash("sha256", `${key.toString("latin1")}${text}`, "base64url");
}
