/** `latchkey/postgres`: durable state in PostgreSQL, for several nodes, through pg. */
export type { PostgresConnection, PostgresOptions } from "./options.ts";
export { postgres } from "./postgres.ts";
