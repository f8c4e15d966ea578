import type { Clock, Counter } from "../../contracts/index.ts";
import { recentlyUsed } from "../../primitives/index.ts";

/** About 25 MB when full. */
const mostCounters = 100_000;

/**
 * Counters of this process. When there are too many, the one that was used longest ago is forgotten: unlike a replay key,
 * it may be, since whoever makes so many pays with as many attempts, and the budget of the whole house is never the oldest.
 */
export function createLocalCounters(clock: Clock, most = mostCounters): { add(key: string, by: number, windowMs: number): Counter } {
  const entries = recentlyUsed<{ count: number; resetAt: number }>(most);
  return {
    add(key, by, windowMs) {
      const at = clock.now();
      const entry = entries.get(key);
      if (entry !== undefined && at < entry.resetAt) {
        entry.count = Math.max(0, entry.count + by);
        // Kept at zero too: to delete the only entry of an LRUCache empties lists as long as it ever was, up to 400 µs.
        return { count: entry.count, resetAt: entry.resetAt };
      }
      // Giving back after the end of the window leaves nothing below zero.
      if (by <= 0) return { count: 0, resetAt: at + windowMs };
      entries.set(key, { count: by, resetAt: at + windowMs });
      return { count: by, resetAt: at + windowMs };
    },
  };
}
