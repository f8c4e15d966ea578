/** What rooms say to each other. Types, and the few values that belong to them; no I/O. */
export type { Answer, Endpoint, Exchange } from "./answer.ts";
export { type Clock, systemClock } from "./clock.ts";
export type { Credential } from "./credential.ts";
export type { Allowed, Decision, Denied, RateLimitState } from "./decision.ts";
export type { Counter, Ephemeral } from "./ephemeral.ts";
export type { DecisionEvent, EventSink } from "./event.ts";
export type { ChangeWatch } from "./change.ts";
export { Fault, type FaultCode, OptionFault } from "./fault.ts";
export type { AddressMatcher, Attempt, Challenge, Method, Verified } from "./method.ts";
export type { Policy } from "./policy.ts";
export { type Assurance, type Principal, principal, type PrincipalKind } from "./principal.ts";
export { isPromise, type MaybePromise } from "./promise.ts";
export type { RateLimiter, Taken } from "./rate-limit.ts";
export { defineRefusals, isRefusal, type Refusal, type RefusalKind, type RefusalMaker } from "./refusal.ts";
export { BodyTooLarge, type RequestView } from "./request.ts";
export type { Limit, Rule, RuleOptions } from "./rule.ts";
export type { Migration, MigrationSet, Store } from "./store.ts";
export { UniqueViolation } from "./unique-violation.ts";
