/** The log of the server. */
export { clipped, decisionFacts, faultFacts } from "./decisions.ts";
export { createLog, type Log } from "./log.ts";
