import { type Answer, type Denied, Fault, type Refusal } from "../contracts/index.ts";
import { formatChallenges } from "./challenge.ts";
import { rateLimitFields } from "./rate-limit-fields.ts";

/** A refusal as an RFC 9457 problem document: its public code and title, never the operator's detail. */
export function refusalAnswer(refusal: Refusal, requestId: string, headers: Answer["headers"] = {}): Answer {
  const retry: Answer["headers"] = refusal.retryAfterSeconds === undefined ? {} : { "retry-after": String(refusal.retryAfterSeconds) };
  return problem(
    refusal.status,
    refusal.publicCode,
    refusal.title,
    requestId,
    { ...retry, ...rateLimitFields(refusal.rateLimit), ...refusal.headers, ...headers },
    refusal.hint,
  );
}

/** A denied decision: the refusal with its challenges and the state of the limit that applied. */
export function deniedAnswer(denied: Denied, requestId: string): Answer {
  const challenges: Answer["headers"] = denied.challenges.length === 0 ? {} : { "www-authenticate": formatChallenges(denied.challenges) };
  return refusalAnswer(denied.refusal, requestId, { ...challenges, ...rateLimitFields(denied.rateLimit) });
}

/**
 * Whatever was thrown, as 503: the house is broken, which says nothing about the caller. What was thrown is for the
 * log only; it may name hosts and files.
 */
export function faultAnswer(error: unknown, requestId: string): Answer {
  const retryAfterSeconds = error instanceof Fault ? error.retryAfterSeconds : 1;
  return problem(503, "unavailable", "The service cannot decide this at the moment. Try again shortly.", requestId, {
    "retry-after": String(retryAfterSeconds),
  });
}

/** For a handler behind the guard that threw, where no framework answers for it. Who called is known; what broke is not said. */
export function crashAnswer(requestId: string): Answer {
  return problem(500, "internal", "The request could not be completed.", requestId, {});
}

function problem(status: number, code: string, title: string, requestId: string, headers: Answer["headers"], detail?: string): Answer {
  return {
    status,
    headers: {
      "content-type": "application/problem+json; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      ...headers,
    },
    body: JSON.stringify({ type: `urn:latchkey:${code}`, title, status, ...(detail === undefined ? {} : { detail }), code, requestId }),
    requestId,
  };
}
