import {
  after,
  type Attempt,
  type ChangeWatch,
  type Clock,
  type Credential,
  type Decision,
  type EventSink,
  isPromise,
  isRefusal,
  type MaybePromise,
  type Method,
  type Policy,
  type RateLimiter,
  type Refusal,
  type RequestView,
  type Rule,
  type Taken,
  type Verified,
} from "../contracts/index.ts";
import { sha256 } from "../primitives/index.ts";
import { createAdmission } from "./admit.ts";
import { createDecisionCache, type Known } from "./cache.ts";
import { createDenial } from "./deny.ts";
import { queryNames } from "./query.ts";
import { readCredential } from "./read.ts";
import { createRecentDigests } from "./recent.ts";
import { requestRefusals } from "./refusals.ts";

/** Everything the one road needs; wired in `latchkey.ts`. */
export interface GuardParts {
  readonly methods: readonly Method[];
  /** Before a costly verification, and after any: in this order. */
  readonly policies: readonly Policy[];
  readonly limiter: RateLimiter;
  /** Whether this caller may do what the rule asks: last, once it is sure who it is. */
  readonly authorize: (verified: Verified, attempt: Attempt) => MaybePromise<Refusal | undefined>;
  readonly changes: ChangeWatch;
  readonly events: EventSink;
  readonly clock: Clock;
  readonly clientAddress: (view: RequestView) => string;
  /** How many verified credentials are remembered. */
  readonly cacheEntries: number;
}

/**
 * The one road of a request: read, verify (or remember), judge, decide, record. A warm credential goes down it without
 * waiting and without touching a store. Rejects with a Fault when it cannot know; nobody is let in then.
 */
export type Check = (view: RequestView, rule: Rule) => MaybePromise<Decision>;

export function createGuard(parts: GuardParts): Check {
  const { methods, policies, changes, clock, events } = parts;
  const cache = createDecisionCache(parts.cacheEntries, changes);
  const recentDigests = createRecentDigests();
  const admit = createAdmission({ policies, changes, cache });
  const forbiddenQuery = new Set(methods.flatMap((method) => method.queryParameters));
  const methodNamed = new Map(methods.map((method) => [method.name, method]));
  const judging = policies.filter((policy) => policy.judge !== undefined);
  const judged = ["verify", ...judging.map(nameOf), "rate-limit"];
  const all = [...judged, "authorization"];

  const { deny, denyUnread } = createDenial(methods, events, parts.clientAddress);

  function check(view: RequestView, rule: Rule): MaybePromise<Decision> {
    const at = clock.now();
    changes.look(at);
    const smuggled = queryNames(view.target, forbiddenQuery);
    if (smuggled !== undefined)
      return denyUnread(view, rule, at, requestRefusals["credential-in-query"]({ detail: `query parameter ${smuggled}` }));
    const credential = readCredential(view, methods, rule.methods);
    if (credential === undefined) return denyUnread(view, rule, at, requestRefusals["no-credential"]());
    if (isRefusal(credential)) return denyUnread(view, rule, at, credential);
    if (rule.methods !== undefined && !rule.methods.includes(credential.method)) return denyMethod(view, rule, at, credential);
    const secret = credential.secret.reveal();
    const method = methodNamed.get(credential.method)!;
    const address = parts.clientAddress(view);
    // What is good once only is never seen again: there is nothing to remember it by.
    if (!method.reusable) return checkUnknown(method, { view, rule, at, address, credential, digest: "" });
    const recent = method.digest === undefined ? recentDigests.find(secret) : undefined;
    const digest = recent ?? method.digest?.(secret) ?? sha256(secret);
    const attempt: Attempt = { view, rule, at, address, credential, digest };
    const known = cache.find(digest, credential.method, at);
    if (known === undefined) return checkUnknown(method, attempt);
    if (recent === undefined && method.digest === undefined) recentDigests.keep(secret, digest);
    return judge(known, attempt, true);
  }

  function denyMethod(view: RequestView, rule: Rule, at: number, credential: Credential): Decision {
    // A cookie that comes along by itself is not an attempt to use it here.
    const ambient = methodNamed.get(credential.method)?.ambient === true;
    const accepted = rule.methods!.join(", ");
    return denyUnread(
      view,
      rule,
      at,
      ambient
        ? requestRefusals["no-credential"]({ detail: `the ${credential.method} cookie is not accepted here, only ${accepted}` })
        : requestRefusals["method-not-accepted"]({
            detail: `${credential.method} is not accepted here`,
            hint: `Accepted here: ${accepted}.`,
          }),
    );
  }

  /** Rejects, and never throws, since this way may have to wait. */
  function checkUnknown(method: Method, attempt: Attempt): MaybePromise<Decision> {
    try {
      return after(admit(method, attempt), (verdict) =>
        "refusal" in verdict ? deny(attempt, verdict.refusal, verdict.checks, undefined) : judge(verdict, attempt, false),
      );
    } catch (fault) {
      return Promise.reject(fault);
    }
  }

  function judge(known: Known, attempt: Attempt, fromCache: boolean, from = 0): MaybePromise<Decision> {
    for (let index = from; index < judging.length; index += 1) {
      const judgement = judging[index]!.judge!(known.verified, attempt);
      if (isPromise(judgement)) return judgeLater(judgement, known, attempt, fromCache, index);
      if (judgement !== undefined) return denyJudged(judgement, known, attempt, fromCache, index);
    }
    const taken = parts.limiter.take(known.verified, attempt);
    return isPromise(taken) ? decideLater(taken, known, attempt, fromCache) : decide(known, attempt, fromCache, taken);
  }

  function denyJudged(refusal: Refusal, known: Known, attempt: Attempt, fromCache: boolean, index: number): MaybePromise<Decision> {
    return deny(attempt, refusal, ["verify", ...judging.slice(0, index + 1).map(nameOf)], known.verified, fromCache);
  }

  function decide(known: Known, attempt: Attempt, fromCache: boolean, taken: Taken | undefined): MaybePromise<Decision> {
    if (taken?.refusal !== undefined) return deny(attempt, taken.refusal, judged, known.verified, fromCache, taken);
    const refusal = parts.authorize(known.verified, attempt);
    return isPromise(refusal) ? finishLater(refusal, known, attempt, fromCache, taken) : finish(known, attempt, fromCache, taken, refusal);
  }

  function finish(known: Known, attempt: Attempt, fromCache: boolean, taken: Taken | undefined, refusal: Refusal | undefined): Decision {
    const { verified } = known;
    if (refusal !== undefined) return deny(attempt, refusal, all, verified, fromCache, taken);
    events.allowed(attempt, verified, fromCache, all);
    return taken === undefined && fromCache ? known.allowed : { ...known.allowed, remembered: fromCache, rateLimit: taken?.state };
  }

  // Who waits does it here: a function that a `then` would keep costs memory on every way through it, also where nobody waits.

  async function judgeLater(waiting: Promise<Refusal | undefined>, known: Known, attempt: Attempt, fromCache: boolean, index: number) {
    const refusal = await waiting;
    return refusal === undefined ? judge(known, attempt, fromCache, index + 1) : denyJudged(refusal, known, attempt, fromCache, index);
  }

  async function decideLater(waiting: Promise<Taken | undefined>, known: Known, attempt: Attempt, fromCache: boolean) {
    return decide(known, attempt, fromCache, await waiting);
  }

  async function finishLater(
    waiting: Promise<Refusal | undefined>,
    known: Known,
    attempt: Attempt,
    fromCache: boolean,
    taken: Taken | undefined,
  ) {
    return finish(known, attempt, fromCache, taken, await waiting);
  }

  return check;
}

const nameOf = (policy: Policy): string => policy.name;
