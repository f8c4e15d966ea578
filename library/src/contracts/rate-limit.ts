import type { Attempt, Verified } from "./method.ts";
import type { MaybePromise } from "./promise.ts";
import type { RateLimitState } from "./rate-limit-state.ts";
import type { Refusal } from "./refusal.ts";

/** Counts callers against the limit of their credential and that of the rule. */
export interface RateLimiter {
  /** Undefined: no limit applies. Otherwise this request has been counted. */
  take(verified: Verified, attempt: Attempt): MaybePromise<Taken | undefined>;
}

export interface Taken {
  readonly state: RateLimitState;
  /** Set when the limit is exceeded. */
  readonly refusal: Refusal | undefined;
}
