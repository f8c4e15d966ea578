import { type Kysely, sql } from "kysely";
import type { MigrationSet, Store } from "../../contracts/index.ts";

export interface ChangeTables {
  latchkey_change: {
    /** Grows by one a change, in the order of commits: writers hold a lock from here to their commit. */
    seq: number;
    /** Id of what changed: a credential, session, grant or subject. */
    changed_id: string;
    at: number;
  };
}

/** Migrations of the change feed. */
export const changeTables: MigrationSet = {
  name: "change",
  migrations: [
    {
      name: "0001-create",
      up: async (database) => {
        await database.schema
          .createTable("latchkey_change")
          .addColumn("seq", "bigint", (column) => column.primaryKey().notNull())
          .addColumn("changed_id", "text", (column) => column.notNull())
          .addColumn("at", "bigint", (column) => column.notNull())
          .execute();
      },
    },
  ],
};

/** How long a change is kept for nodes that have not read it. They must be cut off long before (`live`). */
const keepMs = 3_600_000;

/**
 * Writes down, in the transaction that makes the change, that everything verified of this id is stale. The newest row
 * always stays, so that the numbers never start again.
 */
export async function recordChange(store: Store, transaction: Kysely<unknown>, changedId: string, at: number): Promise<void> {
  const tables = transaction as Kysely<ChangeTables>;
  // First the announcement: on PostgreSQL it takes the lock that keeps numbers in the order of commits.
  await store.announce(transaction);
  await tables
    .insertInto("latchkey_change")
    .columns(["seq", "changed_id", "at"])
    .expression(
      tables
        .selectFrom("latchkey_change")
        .select([
          sql<number>`coalesce(max(seq), 0) + 1`.as("seq"),
          sql<string>`cast(${changedId} as text)`.as("changed_id"),
          sql<number>`cast(${at} as bigint)`.as("at"),
        ]),
    )
    .execute();
  await tables
    .deleteFrom("latchkey_change")
    .where("at", "<", at - keepMs)
    .where("seq", "<", (query) => query.selectFrom("latchkey_change").select(sql<number>`max(seq)`.as("seq")))
    .execute();
}
