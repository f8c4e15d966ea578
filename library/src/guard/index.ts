/** The one road of a request, and the rules of routes. Knows no method by name. */
export { type Check, createGuard, type GuardParts } from "./guard.ts";
export { requestRefusals } from "./refusals.ts";
export { compileRule } from "./rule.ts";
