// The table that the store suite works on, and what it does to it most often.
import { type Kysely, sql } from "kysely";
import type { MigrationSet, Store } from "../../contracts/index.ts";

export interface Tables {
  thing: { id: string; count: number; note: string | null };
}

export const things: MigrationSet = {
  name: "thing",
  migrations: [
    {
      name: "0001-create",
      up: async (database) => {
        await database.schema
          .createTable("thing")
          .addColumn("id", "text", (column) => column.primaryKey())
          .addColumn("count", "bigint", (column) => column.notNull())
          .addColumn("note", "text")
          .execute();
      },
    },
  ],
};

export function add(to: Store, id: string, failure?: Error, count = 0): Promise<void> {
  return to.write<Tables, void>(async (transaction) => {
    await transaction.insertInto("thing").values({ id, count, note: null }).execute();
    if (failure !== undefined) throw failure;
  });
}

/** As the change feed does it: announce, then take the next number. */
export function change(to: Store, id: string): Promise<void> {
  return to.write<Tables, void>(async (transaction: Kysely<Tables>) => {
    await to.announce(transaction);
    await sql`insert into thing (id, count) select cast(${id} as text), coalesce(max(count), 0) + 1 from thing`.execute(transaction);
  });
}

export function rows(of: Store): Promise<Tables["thing"][]> {
  return of.database<Tables>().selectFrom("thing").selectAll().orderBy("id").execute();
}

export async function ids(of: Store): Promise<string[]> {
  return (await rows(of)).map((row) => row.id);
}
