import type { Attempt, Ephemeral, Limit, Policy } from "../../contracts/index.ts";
import { addressBucket } from "../../primitives/index.ts";
import { rateLimitRefusals } from "./refusals.ts";

export interface AttemptLimits {
  /** Bad credentials from one address (IPv6: one /64). Undefined: not limited. */
  readonly address: Limit | undefined;
  /** Uses of one bad credential. */
  readonly credential: Limit | undefined;
}

/**
 * Stops guessing. Each verification that costs something takes a place beforehand, so that parallel guesses cannot pass
 * together, and a good credential gives its place back: only bad ones add up. A good answer from one's own credential
 * never clears what an address has guessed wrong.
 */
export function attemptPolicy(counters: Ephemeral, limits: AttemptLimits): Policy {
  const kinds = [
    { name: "address", limit: limits.address, key: (attempt: Attempt) => `attempts:address:${addressBucket(attempt.address)}` },
    { name: "credential", limit: limits.credential, key: (attempt: Attempt) => `attempts:credential:${attempt.digest}` },
  ];
  return {
    name: "attempts",
    async admit(attempt) {
      for (const { name, limit, key } of kinds) {
        if (limit === undefined) continue;
        const { count, resetAt } = await counters.increment(key(attempt), 1, limit.windowMs);
        if (count <= limit.count) continue;
        const retryAfterSeconds = Math.max(1, Math.ceil((resetAt - attempt.at) / 1000));
        return rateLimitRefusals.attempts({ detail: `${name}: ${count} of ${limit.count}`, retryAfterSeconds });
      }
      return undefined;
    },
    async passed(attempt) {
      for (const { limit, key } of kinds) if (limit !== undefined) await counters.increment(key(attempt), -1, limit.windowMs);
    },
  };
}
