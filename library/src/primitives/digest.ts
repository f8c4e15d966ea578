import { hash } from "node:crypto";

/** SHA-256 in base64url, 43 characters: how random secrets (>= 128 bits) are stored and named. Not for passwords. */
export function sha256(text: string): string {
  return hash("sha256", text, "base64url");
}
