import type { Guesses, Openings, Policy, RateLimiter, SignInLimits } from "../contracts/index.ts";
import type { Settings } from "../options.ts";
import {
  attemptPolicy,
  createCounters,
  createGuesses,
  createKnownPlaces,
  createOpenings,
  createRateLimiter,
  createSignInLimits,
} from "../policies/rate-limit/index.ts";
import { deriveKeys } from "../primitives/index.ts";
import { memory } from "../stores/memory/index.ts";

/** Every limit there is, over one set of counters. */
export interface Limits {
  /** Of bad credentials, before anything costly. */
  readonly attempts: Policy;
  /** Of bad credentials of clients, in the same budgets. */
  readonly guesses: Guesses;
  /** Of what strangers begin and we keep. */
  readonly openings: Openings;
  /** Of credentials, routes and roles, on every request. */
  readonly limiter: RateLimiter;
  /** Of passwords. */
  readonly signIn: SignInLimits;
}

export function wireLimits({ ephemeral, clock, onFault, limits, secrets }: Settings): Limits {
  const counters = createCounters({ shared: ephemeral, clock, onFault });
  const places = createKnownPlaces(ephemeral ?? memory({ clock }));
  return {
    attempts: attemptPolicy(counters, limits.attempts),
    guesses: createGuesses(counters, limits.attempts),
    openings: createOpenings(counters, limits.openings),
    limiter: createRateLimiter(counters, limits.roles),
    signIn: createSignInLimits({ counters, places, budgets: limits.signIn, clock, keys: deriveKeys(secrets, "known-device") }),
  };
}
