import type { Answered } from "./answered.ts";
import type { Principal } from "./principal.ts";
import type { Refusal } from "./refusal.ts";
import type { Challenge } from "./method.ts";
import type { RateLimitState } from "./rate-limit-state.ts";

/** What the guard says of one request. */
export type Decision = Allowed | Denied;

export interface Allowed {
  readonly allowed: true;
  readonly principal: Principal;
  /** Whether the caller was verified for an earlier request already: what is made of the principal may then be worth keeping. */
  readonly remembered: boolean;
  /** State of the limit that applied, for the `RateLimit` fields; undefined: none applied. */
  readonly rateLimit: RateLimitState | undefined;
  /** Set where the method must know how the route answered; call it once, with the status. See `Answered`. */
  readonly answered: Answered | undefined;
}

export interface Denied {
  readonly allowed: false;
  readonly refusal: Refusal;
  /** What to offer in `WWW-Authenticate`; empty unless the status is 401 or the challenge tells of missing scope. */
  readonly challenges: readonly Challenge[];
  readonly rateLimit: RateLimitState | undefined;
}
