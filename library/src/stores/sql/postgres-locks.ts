import { type Kysely, sql } from "kysely";

/** The channel of PostgreSQL on which a node tells the others that there is something to read. */
export const changeChannel = "latchkey_change";

/**
 * Tells the other nodes, on PostgreSQL. The lock is held until the commit: whoever announces next sees what this
 * transaction wrote.
 */
export async function announceOnPostgres<Tables>(transaction: Kysely<Tables>): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('latchkey_change ' || current_schema(), 0)), pg_notify(${changeChannel}, '')`.execute(
    transaction,
  );
}

/** Held until the commit: one node migrates, the others wait and find it done. */
export async function lockMigrationsOnPostgres(transaction: Kysely<unknown>): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('latchkey_migration ' || current_schema(), 0))`.execute(transaction);
}
