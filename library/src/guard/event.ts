import type { DecisionEvent, Method, Refusal, RequestView, Verified } from "../contracts/index.ts";
import { describeSeen } from "./read.ts";

interface RefusedFacts {
  readonly view: RequestView;
  readonly at: number;
  readonly address: string;
  readonly methods: readonly Method[];
  readonly refusal: Refusal;
  readonly checks: readonly string[];
  readonly verified: Verified | undefined;
  readonly fromCache: boolean;
}

/** What is recorded of a refusal: everything an operator needs to say why, and no secret. */
export function refusedEvent(facts: RefusedFacts): DecisionEvent {
  const { view, refusal } = facts;
  const userAgent = view.header("user-agent");
  return {
    requestId: view.requestId,
    at: facts.at,
    outcome: refusal.code,
    detail: refusal.detail,
    httpMethod: view.method,
    path: pathOf(view.target),
    address: facts.address,
    userAgent: typeof userAgent === "string" ? userAgent : userAgent?.[0],
    seen: describeSeen(view, facts.methods),
    checks: facts.checks,
    fromCache: facts.fromCache,
    principal: facts.verified?.principal,
    about: refusal.about,
  };
}

/** The path of a request target, without its query: a query may hold what should not be kept. */
function pathOf(target: string): string {
  const end = target.indexOf("?");
  return end === -1 ? target : target.slice(0, end);
}
