import type { Kysely } from "kysely";
import type { MigrationSet, Store } from "../../../../contracts/index.ts";

export interface SubjectTables {
  /** One row: the key from which pairwise identifiers are made. It outlives the master secret under which it is sealed. */
  latchkey_pairwise_key: {
    id: string;
    sealed: string;
  };
}

export const subjectTables: MigrationSet = {
  name: "oauth-subject",
  migrations: [
    {
      name: "0001-create",
      up: async ({ schema }) => {
        await schema
          .createTable("latchkey_pairwise_key")
          .addColumn("id", "text", (column) => column.primaryKey())
          .addColumn("sealed", "text", (column) => column.notNull())
          .execute();
      },
    },
  ],
};

const id = "pairwise";

export async function readSealedKey(store: Store): Promise<string | undefined> {
  const query = store.database<SubjectTables>().selectFrom("latchkey_pairwise_key").select("sealed").where("id", "=", id);
  return (await query.executeTakeFirst())?.sealed;
}

/** Puts the first key in; of several nodes that do, one does. */
export async function putSealedKey(transaction: Kysely<SubjectTables>, sealed: string): Promise<void> {
  const insert = transaction.insertInto("latchkey_pairwise_key").values({ id, sealed });
  await insert.onConflict((conflict) => conflict.column("id").doNothing()).execute();
}

/** The same key under another seal. */
export async function replaceSealedKey(transaction: Kysely<SubjectTables>, sealed: string): Promise<void> {
  await transaction.updateTable("latchkey_pairwise_key").set({ sealed }).where("id", "=", id).execute();
}
