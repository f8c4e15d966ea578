import { type Compilable, type Kysely, sql } from "kysely";
import { type Store, systemClock } from "../../contracts/index.ts";
import { announceOnPostgres, applyMissing, changeChannel, lockMigrationsOnPostgres, migrationNames } from "../sql/index.ts";
import { type Connections, createConnections } from "./connections.ts";
import { isOutdatedPlan } from "./errors.ts";
import { createListener } from "./listener.ts";
import { type PostgresConnection, type PostgresOptions, readOptions } from "./options.ts";
import { kyselyOver, transact } from "./transaction.ts";

/**
 * A store in a PostgreSQL database, given by URL or in parts; several nodes may share it. Connects when first used. Jobs run
 * side by side in READ COMMITTED: what must happen once is claimed by an update or a unique key, not by a read before.
 * While the database is away everything rejects with a Fault, and works again when it is back. Throws an OptionFault.
 */
export function postgres(connection: string | PostgresConnection, options: PostgresOptions = {}): Store {
  const settings = readOptions(connection, options);
  const { giveUpMs, onFault } = settings;
  const connections = createConnections(settings);
  const listener = createListener({ client: settings.pool, channel: changeChannel, onFault });
  const reading = kyselyOver(connections, giveUpMs);
  let statements = 0;

  return {
    dialect: "postgres",
    database: <Tables>() => reading as Kysely<Tables>,
    write: <Tables, Result>(job: (transaction: Kysely<Tables>) => Promise<Result>) =>
      transact(connections, giveUpMs, (transaction) => job(transaction as Kysely<Tables>)),
    prepare: <Row>(query: Compilable<Row>) => preparedRead<Row>(connections, giveUpMs, query.compile().sql, (statements += 1)),
    async migrate(sets) {
      if (await isUpToDate(reading, migrationNames(sets))) return;
      await transact(connections, undefined, async (transaction) => {
        await sql`set local statement_timeout = 0`.execute(transaction);
        await lockMigrationsOnPostgres(transaction);
        // A table that is in use is waited for; but not so long that those who wait behind us notice.
        await sql`set local lock_timeout = '3s'`.execute(transaction);
        await applyMissing(transaction, sets, systemClock.now());
      });
    },
    committedElsewhere: () => undefined,
    onCommit: listener.onCommit,
    announce: announceOnPostgres,
    async ping() {
      const taken = await connections.take(giveUpMs);
      try {
        await taken.query("select 1");
      } finally {
        taken.release();
      }
    },
    async close() {
      await Promise.all([listener.close(), connections.close()]);
    },
  };
}

/** A read by a named statement, which each connection parses and plans once. */
function preparedRead<Row>(connections: Connections, giveUpMs: number, text: string, number: number) {
  let generation = 0;
  async function read(values: readonly (string | number | null)[]): Promise<readonly Row[]> {
    const taken = await connections.take(giveUpMs);
    try {
      const result = await taken.query({ name: `latchkey_${number}_${generation}`, text, values: values.slice() });
      return result.rows as Row[];
    } finally {
      taken.release();
    }
  }
  return async (...values: readonly (string | number | null)[]): Promise<readonly Row[]> => {
    const known = generation;
    try {
      return await read(values);
    } catch (error) {
      if (!isOutdatedPlan(error)) throw error;
      // Under a new name no connection has an old plan.
      if (generation === known) generation += 1;
      return read(values);
    }
  };
}

/** Whether nothing is left to do: one read without a lock on the way to the first request. */
async function isUpToDate(database: Kysely<unknown>, names: readonly string[]): Promise<boolean> {
  const { rows: found } = await sql<{ there: boolean }>`select to_regclass('latchkey_migration') is not null as there`.execute(database);
  if (found[0]?.there !== true) return false;
  const { rows } = await sql<{ name: string }>`select name from latchkey_migration`.execute(database);
  const applied = new Set(rows.map((row) => row.name));
  return names.every((name) => applied.has(name));
}
