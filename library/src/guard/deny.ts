import type { Attempt, Denied, EventSink, Method, Refusal, RequestView, Rule, Taken, Verified } from "../contracts/index.ts";
import { challengesFor, withChallengeFields } from "./challenges.ts";
import { refusedEvent } from "./event.ts";

/** Turns a refusal into the decision, and into the one event that is kept of it. */
export function createDenial(methods: readonly Method[], events: EventSink, clientAddress: (view: RequestView) => string) {
  function deny(
    attempt: Attempt,
    refusal: Refusal,
    checks: readonly string[],
    verified: Verified | undefined,
    fromCache = false,
    taken?: Taken,
  ): Denied {
    const { view, rule, at, address, credential } = attempt;
    events.refused(refusedEvent({ view, at, address, methods, refusal, checks, verified, fromCache }));
    return {
      allowed: false,
      refusal: withChallengeFields(refusal, rule, methods),
      challenges: challengesFor({ refusal, credential, rule, methods, view }),
      rateLimit: taken?.state,
    };
  }

  /** For a request whose credential was not even looked at. */
  function denyUnread(view: RequestView, rule: Rule, at: number, refusal: Refusal): Denied {
    const address = clientAddress(view);
    events.refused(refusedEvent({ view, at, address, methods, refusal, checks: ["read"], verified: undefined, fromCache: false }));
    return {
      allowed: false,
      refusal: withChallengeFields(refusal, rule, methods),
      challenges: challengesFor({ refusal, credential: undefined, rule, methods, view }),
      rateLimit: undefined,
    };
  }

  return { deny, denyUnread };
}
