/** What the guard decided: refusals kept in the store, allowed decisions in a ring, uses counted per minute. */
export { type Audit, createAudit } from "./audit.ts";
export { auditTables } from "./table.ts";
