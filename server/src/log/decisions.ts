import type { DecisionEvent } from "latchkey";
import type { Facts } from "./log.ts";

/** A decision as the facts of a log line. User agent and the like stay with `explain`: clients put anything there. */
export function decisionFacts(event: DecisionEvent): Facts {
  return {
    requestId: event.requestId,
    outcome: event.outcome,
    ...(event.detail === undefined ? {} : { detail: event.detail }),
    method: event.httpMethod,
    path: clipped(event.path),
    address: event.address,
    seen: event.seen,
    checks: event.checks,
    ...(event.principal === undefined ? {} : { subject: event.principal.subject, credentialId: event.principal.credentialId }),
    fromCache: event.fromCache,
  };
}

const longest = 200;

/** The path of a request target, without its query, and no longer than one reads. */
export function clipped(target: string): string {
  const path = target.split("?", 1)[0]!;
  return path.length > longest ? `${path.slice(0, longest)}…` : path;
}

/** What went wrong, for the operator: a name, a code, a message, and what caused it. */
export function faultFacts(error: unknown): Facts {
  if (!(error instanceof Error)) return { error: String(error) };
  const { code } = error as NodeJS.ErrnoException;
  return {
    error: `${error.name}: ${error.message}`,
    ...(code === undefined ? {} : { code }),
    ...(error.cause instanceof Error ? { cause: `${error.cause.name}: ${error.cause.message}` } : {}),
    ...(code?.startsWith("LATCHKEY_") === true ? {} : { stack: error.stack }),
  };
}
