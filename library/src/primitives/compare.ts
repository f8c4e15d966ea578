import { hash, timingSafeEqual } from "node:crypto";

/**
 * Compares two secrets in a time that depends on neither: both are hashed first, so that lengths do not show.
 */
export function sameSecret(left: string, right: string): boolean {
  return timingSafeEqual(hash("sha256", left, "buffer"), hash("sha256", right, "buffer"));
}
