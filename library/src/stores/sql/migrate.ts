import { type Kysely, sql } from "kysely";
import type { MigrationSet } from "../../contracts/index.ts";

/** The table of what was applied, on every dialect. */
export const createMigrationTable = "create table if not exists latchkey_migration (name text primary key, applied_at bigint not null)";

/** Full names, in order: `api-key/0001-create`. Throws when the numbers of a set have a gap: a mistake in the program. */
export function migrationNames(sets: readonly MigrationSet[]): readonly string[] {
  return sets.flatMap((set) =>
    set.migrations.map((migration, index) => {
      const number = String(index + 1).padStart(4, "0");
      if (!migration.name.startsWith(`${number}-`))
        throw new Error(`${set.name}: migration ${migration.name} should begin with ${number}-.`);
      return `${set.name}/${migration.name}`;
    }),
  );
}

/**
 * Applies what is missing, inside the caller's transaction and lock. Unknown names are left alone: a newer version of the
 * program may run beside this one, and its tables only add to ours.
 */
export async function applyMissing(transaction: Kysely<unknown>, sets: readonly MigrationSet[], at: number): Promise<void> {
  const tables = transaction as Kysely<{ latchkey_migration: { name: string; applied_at: number } }>;
  await sql.raw(createMigrationTable).execute(transaction);
  const rows = await tables.selectFrom("latchkey_migration").select("name").execute();
  const applied = new Set(rows.map((row) => row.name));
  for (const set of sets) {
    for (const migration of set.migrations) {
      const name = `${set.name}/${migration.name}`;
      if (applied.has(name)) continue;
      await migration.up(transaction);
      await tables.insertInto("latchkey_migration").values({ name, applied_at: at }).execute();
    }
  }
}
