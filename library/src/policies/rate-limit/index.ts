/** Limits: of a credential, a route and a role on every request, and of failed attempts before anything costly. */
export { attemptPolicy } from "./attempts.ts";
export { type Counters, createCounters } from "./counters.ts";
export { createGuesses } from "./guesses.ts";
export { createKnownPlaces } from "./known-places.ts";
export { createRateLimiter } from "./limiter.ts";
export { createOpenings } from "./openings.ts";
export { type LimitOptions, type LimitSettings, readLimitOptions } from "./options.ts";
export { rateLimitRefusals } from "./refusals.ts";
export { createSignInLimits } from "./sign-in.ts";
