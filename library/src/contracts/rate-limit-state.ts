/** As in draft-ietf-httpapi-ratelimit-headers: policy, what is left, and when it is full again. */
export interface RateLimitState {
  readonly policy: string;
  readonly limit: number;
  readonly windowSeconds: number;
  readonly remaining: number;
  readonly resetSeconds: number;
}
