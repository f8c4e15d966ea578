import type { Clock, Counter } from "../../contracts/index.ts";

/** About 25 MB when full. */
const mostCounters = 100_000;

interface Entry {
  count: number;
  readonly resetAt: number;
  /** Counted again since it was last looked at to be forgotten. */
  again: boolean;
}

/**
 * Counters of this process. One that is back at zero leaves nothing: a good credential, whose place is given back, fills no
 * memory. When there are too many, the oldest that nobody has counted again since is forgotten: unlike a replay key, it may be,
 * since whoever makes so many pays with as many attempts, and the budget of the whole house is always counted again.
 */
export function createLocalCounters(clock: Clock, most = mostCounters): { add(key: string, by: number, windowMs: number): Counter } {
  const entries = new Map<string, Entry>();

  /** In the order in which they came; who was counted again has another turn. */
  function forget(at: number): void {
    for (const [key, entry] of entries) {
      if (entries.size <= most) return;
      entries.delete(key);
      if (!entry.again || at >= entry.resetAt) continue;
      entry.again = false;
      entries.set(key, entry);
    }
  }

  return {
    add(key, by, windowMs) {
      const at = clock.now();
      const entry = entries.get(key);
      if (entry !== undefined && at < entry.resetAt) {
        entry.count = Math.max(0, entry.count + by);
        entry.again = true;
        if (entry.count === 0) entries.delete(key);
        return { count: entry.count, resetAt: entry.resetAt };
      }
      const resetAt = at + windowMs;
      // Giving back after the end of the window leaves nothing below zero.
      if (by <= 0) return { count: 0, resetAt };
      // Deleted first, so that it stands behind all others.
      if (entry !== undefined) entries.delete(key);
      entries.set(key, { count: by, resetAt, again: false });
      if (entries.size > most) forget(at);
      return { count: by, resetAt };
    },
  };
}
