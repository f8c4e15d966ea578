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
 * together. A good credential gives its place back, and so does one that could not be judged: only bad ones add up. A good
 * answer from one's own credential never clears what an address has guessed wrong.
 */
export function attemptPolicy(counters: Ephemeral, limits: AttemptLimits): Policy {
  const kinds = [
    // An address that nobody tells is everybody's: one stranger's guesses would shut all of them out.
    { name: "address", limit: limits.address, key: ({ address }: Attempt) => address && `attempts:address:${addressBucket(address)}` },
    { name: "credential", limit: limits.credential, key: (attempt: Attempt) => `attempts:credential:${attempt.digest}` },
  ];
  return {
    name: "attempts",
    async admit(attempt) {
      for (const { name, limit, key } of kinds) {
        if (limit === undefined || key(attempt) === "") continue;
        const { count, resetAt } = await counters.increment(key(attempt), 1, limit.windowMs);
        if (count <= limit.count) continue;
        const retryAfterSeconds = Math.max(1, Math.ceil((resetAt - attempt.at) / 1000));
        return rateLimitRefusals.attempts({ detail: `${name}: ${count} of ${limit.count}`, retryAfterSeconds });
      }
      return undefined;
    },
    async passed(attempt) {
      for (const { limit, key } of kinds) {
        if (limit !== undefined && key(attempt) !== "") await counters.increment(key(attempt), -1, limit.windowMs);
      }
    },
  };
}
