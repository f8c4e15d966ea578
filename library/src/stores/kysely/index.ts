/** A store over any Kysely dialect that speaks the SQL of SQLite or PostgreSQL. */
export { kysely, type KyselyOptions } from "./kysely.ts";
