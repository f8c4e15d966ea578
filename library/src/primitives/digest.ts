import { createHmac, hash } from "node:crypto";

/** SHA-256 in base64url, 43 characters: how random secrets (>= 128 bits) are stored and named. Not for passwords. */
export function sha256(text: string): string {
  return hash("sha256", text, "base64url");
}

/** HMAC-SHA-256 (RFC 2104) in base64url, 43 characters: names a secret that people chose, which its bare digest would let one guess. */
export function keyedSha256(key: Buffer, text: string): string {
  return createHmac("sha256", key).update(text).digest("base64url");
}
