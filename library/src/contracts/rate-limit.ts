import type { RateLimitState } from "./decision.ts";
import type { Attempt, Verified } from "./method.ts";
import type { MaybePromise } from "./promise.ts";

/** Counts allowed callers against the limit of the credential and that of the rule. */
export interface RateLimiter {
  /** Undefined: no limit applies. Otherwise this request has been counted. */
  take(verified: Verified, attempt: Attempt): MaybePromise<Taken | undefined>;
}

export interface Taken {
  readonly exceeded: boolean;
  readonly state: RateLimitState;
}
