/** Limits: of a credential and a route on every request, and of failed attempts before anything costly. */
export { attemptPolicy, type AttemptLimits } from "./attempts.ts";
export { createRateLimiter } from "./limiter.ts";
export { rateLimitRefusals } from "./refusals.ts";
