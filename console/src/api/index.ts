/** The admin API, as the console talks to it. */
export { ask, part, Problem, type Query, send } from "./request.ts";
export type { ApiKey, AuditEvent, Decision, IssuedKey, Me, Overview, Page, Role, Session, SigningKey, User } from "./records.ts";
