import {
  type Attempt,
  isPromise,
  type Limit,
  type MaybePromise,
  type RateLimiter,
  type Taken,
  type Verified,
} from "../../contracts/index.ts";
import type { Counted, Counters } from "./counters.ts";
import { rateLimitRefusals } from "./refusals.ts";
import { stateOf } from "./state.ts";

/**
 * Counts a caller against the limit of its credential, that of the rule and that of its roles, in fixed windows that begin
 * with the first request. The tightest of them is told. Synchronous where the counters are in memory. Of a caller with
 * several roles that have limits the most generous holds.
 */
export function createRateLimiter(counters: Counters, roleLimits: ReadonlyMap<string, Limit> = new Map()): RateLimiter {
  function count(key: string, policy: string, limit: Limit, attempt: Attempt): MaybePromise<Taken> {
    const counted = counters.add(key, 1, limit.windowMs);
    return isPromise(counted) ? counted.then((value) => judge(value, policy, limit, attempt)) : judge(counted, policy, limit, attempt);
  }

  return {
    take(verified, attempt) {
      const own = verified.rateLimit;
      const rule = attempt.rule.rateLimit;
      const role = roleLimits.size === 0 ? undefined : roleLimit(verified.principal.roles, roleLimits);
      let taken: MaybePromise<Taken | undefined>;
      if (own !== undefined) taken = count(`limit:${verified.principal.credentialId}`, "credential", own, attempt);
      if (rule !== undefined) taken = tighter(taken, count(ruleKey(verified, attempt), "route", rule, attempt));
      if (role !== undefined) taken = tighter(taken, count(`limit:role:${verified.principal.subject}`, "role", role, attempt));
      return taken;
    },
  };
}

/** One caller, one counter for the route, with however many credentials. */
function ruleKey(verified: Verified, attempt: Attempt): string {
  return `limit:${attempt.rule.id}:${verified.principal.subject}`;
}

function roleLimit(roles: readonly string[], limits: ReadonlyMap<string, Limit>): Limit | undefined {
  let most: Limit | undefined;
  for (const role of roles) {
    const limit = limits.get(role);
    if (limit === undefined) continue;
    if (most === undefined || limit.count / limit.windowMs > most.count / most.windowMs) most = limit;
  }
  return most;
}

function judge(counted: Counted, policy: string, limit: Limit, attempt: Attempt): Taken {
  const state = stateOf(counted, policy, limit, attempt.at);
  const exceeded = counted.count > limit.count;
  return {
    state,
    refusal: exceeded
      ? rateLimitRefusals.exceeded({ detail: `${policy}: ${counted.count} of ${limit.count}`, retryAfterSeconds: state.resetSeconds })
      : undefined,
  };
}

function tighter(one: MaybePromise<Taken | undefined>, two: MaybePromise<Taken>): MaybePromise<Taken> {
  return isPromise(one) || isPromise(two) ? Promise.all([one, two]).then(([first, second]) => tightest(first, second)) : tightest(one, two);
}

function tightest(one: Taken | undefined, two: Taken): Taken {
  if (one === undefined) return two;
  if (one.refusal !== undefined) return one;
  if (two.refusal !== undefined) return two;
  return one.state.remaining <= two.state.remaining ? one : two;
}
