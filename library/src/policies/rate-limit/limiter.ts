import {
  type Attempt,
  type Counter,
  type Ephemeral,
  isPromise,
  type Limit,
  type MaybePromise,
  type RateLimiter,
  type RateLimitState,
  type Taken,
  type Verified,
} from "../../contracts/index.ts";
import { rateLimitRefusals } from "./refusals.ts";

/**
 * Counts a caller against the limit of its credential and against that of the rule, in fixed windows that begin with
 * the first request. The tighter of the two is told. Synchronous where the counters are in memory.
 */
export function createRateLimiter(counters: Ephemeral): RateLimiter {
  return {
    take(verified, attempt) {
      const own = verified.rateLimit;
      const rule = attempt.rule.rateLimit;
      if (own === undefined && rule === undefined) return undefined;
      const first = own === undefined ? undefined : count(counters, `limit:${verified.principal.credentialId}`, "credential", own, attempt);
      const second = rule === undefined ? undefined : count(counters, ruleKey(verified, attempt), "route", rule, attempt);
      return both(first, second);
    },
  };
}

/** One caller, one counter for the route, with however many credentials. */
function ruleKey(verified: Verified, attempt: Attempt): string {
  return `limit:${attempt.rule.id}:${verified.principal.subject}`;
}

function count(counters: Ephemeral, key: string, policy: string, limit: Limit, attempt: Attempt): MaybePromise<Taken> {
  const counter = counters.increment(key, 1, limit.windowMs);
  return isPromise(counter) ? counter.then((value) => judge(value, policy, limit, attempt)) : judge(counter, policy, limit, attempt);
}

function judge(counter: Counter, policy: string, limit: Limit, attempt: Attempt): Taken {
  const resetSeconds = Math.max(1, Math.ceil((counter.resetAt - attempt.at) / 1000));
  const state: RateLimitState = {
    policy,
    limit: limit.count,
    windowSeconds: Math.ceil(limit.windowMs / 1000),
    remaining: Math.max(0, limit.count - counter.count),
    resetSeconds,
  };
  const exceeded = counter.count > limit.count;
  return {
    state,
    refusal: exceeded
      ? rateLimitRefusals.exceeded({ detail: `${policy}: ${counter.count} of ${limit.count}`, retryAfterSeconds: resetSeconds })
      : undefined,
  };
}

function both(first: MaybePromise<Taken> | undefined, second: MaybePromise<Taken> | undefined): MaybePromise<Taken | undefined> {
  if (first === undefined) return second;
  if (second === undefined) return first;
  return isPromise(first) || isPromise(second)
    ? Promise.all([first, second]).then(([one, two]) => tighter(one, two))
    : tighter(first, second);
}

function tighter(one: Taken, two: Taken): Taken {
  if (one.refusal !== undefined) return one;
  if (two.refusal !== undefined) return two;
  return one.state.remaining <= two.state.remaining ? one : two;
}
