/** The admin API, as the console talks to it. */
export { ask, part, Problem, type Query, send } from "./request.ts";
export type {
  ApiKey,
  AuditEvent,
  Client,
  Decision,
  IssuedClient,
  IssuedKey,
  Me,
  Overview,
  Page,
  Role,
  Session,
  SigningKey,
  User,
} from "./records.ts";
