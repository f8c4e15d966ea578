/** Sessions: section 3 of the guide. */
export type { SessionData, SessionDataStore, SessionValues } from "./data.ts";
export { deviceName } from "./device.ts";
export { ephemeralShelf } from "./ephemeral-shelf.ts";
export { createEnterSession, type EnterSession } from "./enter.ts";
export { publicSession, sessionEndpoints } from "./endpoints.ts";
export type { NewSession } from "./issue.ts";
export { sessionCacheMs, sessionMethod } from "./method.ts";
export { readSessionOptions, type SessionOptions, type SessionSettings } from "./options.ts";
export type { IssuedSession, SessionRecord } from "./record.ts";
export { sessionRefusals } from "./refusals.ts";
export type { RenewedProof } from "./rotate.ts";
export { createSessions, type Sessions } from "./sessions.ts";
export type { SessionShelf } from "./shelf.ts";
export { sessionStanding } from "./standing.ts";
export { createSightings } from "./sightings.ts";
export { sqlShelf } from "./sql-shelf.ts";
export { sessionTables } from "./table.ts";
export { createUpkeep, sweepAll } from "./upkeep.ts";
