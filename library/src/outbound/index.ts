/** Requests to URLs that somebody else gave us: bounded, and never into the network that we stand in. */
export { fetchPublic, type OutboundAnswer, type OutboundRequest } from "./fetch-public.ts";
export { OutboundError, type OutboundProblem } from "./outbound-error.ts";
export { type Resolved, type ResolveName } from "./addresses.ts";
