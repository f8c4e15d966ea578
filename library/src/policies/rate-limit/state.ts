import type { Limit, RateLimitState } from "../../contracts/index.ts";
import type { Counted } from "./counters.ts";

/** A count beside its limit, for the `RateLimit` fields. */
export function stateOf(counted: Counted, policy: string, limit: Limit, at: number): RateLimitState {
  return {
    policy,
    limit: limit.count,
    windowSeconds: Math.ceil(limit.windowMs / 1000),
    remaining: Math.max(0, limit.count - counted.count),
    resetSeconds: Math.max(1, Math.ceil((counted.resetAt - at) / 1000)),
  };
}

/** The limit that holds for guesses: half of it on a node that counts alone, so that two of them let no more pass than one. */
export function guessLimit(counted: Counted, limit: Limit): Limit {
  return counted.alone === true ? { ...limit, count: Math.max(1, Math.floor(limit.count / 2)) } : limit;
}
