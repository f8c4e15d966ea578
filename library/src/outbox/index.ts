/** How processes share the rows of an outbox: each tries what it could claim, bounded, and what failed is tried again later. */
export { type ClaimLoop, createClaimLoop } from "./claim-loop.ts";
export { countBy } from "./count-by.ts";
export { spread } from "./spread.ts";
