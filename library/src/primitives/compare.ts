import { hash, timingSafeEqual } from "node:crypto";

/**
 * Compares two secrets in a time that depends on neither: both are hashed first, so that lengths do not show.
 */
export function sameSecret(left: string | Uint8Array, right: string | Uint8Array): boolean {
  return timingSafeEqual(hash("sha256", left, "buffer"), hash("sha256", right, "buffer"));
}

/** Compares two byte strings in a time that depends on their lengths only; for digests, whose length is no secret. */
export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}
