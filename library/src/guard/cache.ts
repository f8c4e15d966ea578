import type { Allowed, ChangeWatch, Verified } from "../contracts/index.ts";
import { recentlyUsed } from "../primitives/index.ts";

/** A verified credential as it is remembered: who it is, never whether it may. */
export interface Known {
  readonly verified: Verified;
  readonly method: string;
  /** Version of the changes before the verification began. */
  readonly sinceVersion: number;
  /** The decision for a request without a rate limit that finds it here, made once. */
  readonly allowed: Allowed;
}

/** Positive answers by SHA-256 of the credential. Bounded; the least recently used leaves first. */
export interface DecisionCache {
  find(digest: string, method: string, at: number): Known | undefined;
  keep(digest: string, known: Known): void;
}

export function createDecisionCache(entries: number, changes: ChangeWatch): DecisionCache {
  const cache = recentlyUsed<Known>(entries);
  return {
    find(digest, method, at) {
      const known = cache.get(digest);
      if (known === undefined) return undefined;
      const usable = at < known.verified.cacheUntil && known.method === method && changes.unchanged(known.verified, known.sinceVersion);
      if (!usable) {
        cache.delete(digest);
        return undefined;
      }
      // Not deleted: once the changes are heard again, what nobody changed is still right.
      return changes.live(at) ? known : undefined;
    },
    keep(digest, known) {
      if (known.verified.cacheUntil > 0) cache.set(digest, known);
    },
  };
}
