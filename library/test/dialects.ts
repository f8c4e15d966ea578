// Kysely dialects as an app would make them, over drivers of its own.
import { type Dialect, PostgresDialect, SqliteDialect } from "kysely";
import Database from "libsql";
import { Pool, types } from "pg";

export const sqliteDialect = (file: string): Dialect => {
  const database = new Database(file);
  database.exec("pragma journal_mode = wal");
  return new SqliteDialect({ database });
};

/** `parse` reads whole numbers and sums, which the driver leaves as texts otherwise. */
export const postgresDialect = (connectionString: string, parse: (text: string) => unknown): Dialect => {
  const getTypeParser = (oid: number) => (oid === 20 || oid === 1700 ? parse : (types.getTypeParser as (oid: number) => unknown)(oid));
  return new PostgresDialect({ pool: new Pool({ connectionString, types: { getTypeParser } }) });
};
