import type { RateLimitState } from "../contracts/index.ts";
import { quote } from "../primitives/index.ts";

/** The `RateLimit` and `RateLimit-Policy` fields of draft-ietf-httpapi-ratelimit-headers-10. */
export function rateLimitFields(state: RateLimitState | undefined): Record<string, string> {
  if (state === undefined) return {};
  const policy = quote(state.policy);
  return {
    "ratelimit-policy": `${policy};q=${state.limit};w=${state.windowSeconds}`,
    ratelimit: `${policy};r=${state.remaining};t=${state.resetSeconds}`,
  };
}
