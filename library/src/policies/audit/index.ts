/**
 * What was done and what was refused, chained and kept in the store; allowed decisions in a ring; uses counted per minute. Without
 * a store: the last decisions in memory.
 */
export { type Audit, createAudit } from "./audit.ts";
export type { AuditEvent, RequestFacts } from "./event.ts";
export type { AuditFilter } from "./list.ts";
export type { AuditLog } from "./log.ts";
export { type AuditOptions, type AuditSettings, readAuditOptions } from "./options.ts";
export { createRecentDecisions } from "./recent.ts";
export { auditTables } from "./table.ts";
export type { ChainVerdict } from "./verify-chain.ts";
