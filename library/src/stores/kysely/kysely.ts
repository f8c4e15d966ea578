import { type Compilable, CompiledQuery, type Dialect, Kysely, PostgresAdapter, sql, SqliteAdapter } from "kysely";
import { Fault, OptionFault, type Store, systemClock } from "../../contracts/index.ts";
import { randomBelow } from "../../primitives/index.ts";
import { announceOnPostgres, applyMissing, createMigrationTable, lockMigrationsOnPostgres, migrationNames } from "../sql/index.ts";
import { faultingDialect } from "./driver.ts";
import { isConflict, isHeldByLostStatement } from "./errors.ts";
import { collectLostStatements } from "./lost-statements.ts";

export interface KyselyOptions {
  /** Whose SQL the database speaks. Default: what the dialect's adapter tells. */
  readonly sql?: "sqlite" | "postgres";
}

/** Nobody calls us when another node commits: we look twice a second, so that a revocation holds everywhere within one. */
const lookEveryMs = 500;
/** How long a transaction that met others is tried again. */
const giveUpMs = 15_000;
/** A start waits for the migrations of another node, which may have much to rewrite. */
const giveUpMigratingMs = 120_000;
/** PostgreSQL looks for a deadlock after a second by default, and all who want the same rows queue up behind it meanwhile. */
const longestPauseMs = 2_000;

/**
 * A store over any Kysely dialect that speaks the SQL of SQLite or PostgreSQL: PGlite, Neon, libsql over the network, an
 * app's own pool. It must answer whole numbers as numbers (node-postgres: set the parsers of types 20 and 1700), which
 * `migrate` checks. A write is as durable as the dialect makes its commit. `latchkey/sqlite` and `latchkey/postgres` are
 * quicker where they can be used: they group commits, prepare reads and hear of changes. Throws an OptionFault.
 */
export function kysely(dialect: Dialect, options: KyselyOptions = {}): Store {
  const spoken = spokenBy(dialect, options);
  const watched = faultingDialect(dialect);
  const database = new Kysely<unknown>({ dialect: watched.dialect });
  const running = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;

  /** After `close` nothing begins any more, and what has begun ends first. */
  async function use<Result>(job: () => Promise<Result>): Promise<Result> {
    if (closing !== undefined) throw new Fault("LATCHKEY_CLOSED", "The store is closed.");
    const run = job();
    running.add(run);
    try {
      return await run;
    } finally {
      running.delete(run);
    }
  }

  async function close(): Promise<void> {
    await Promise.allSettled(running);
    await watched.close();
  }

  return {
    dialect: spoken,
    database: <Tables>() => database as Kysely<Tables>,
    write: <Tables, Result>(job: (transaction: Kysely<Tables>) => Promise<Result>) =>
      use(() => transact(database as Kysely<Tables>, spoken, job)),
    prepare<Row>(query: Compilable<Row>) {
      let text: string | undefined;
      return async (...values: readonly (string | number | null)[]) => {
        text ??= query.compile().sql;
        const { rows } = await use(() => database.executeQuery<Row>(CompiledQuery.raw(text!, values.slice())));
        return rows;
      };
    },
    async migrate(sets) {
      migrationNames(sets);
      await use(() => checkNumbers(database));
      if (spoken === "sqlite") await use(() => waitBriefly(database));
      await use(() => migrateAll(database, spoken, sets));
    },
    committedElsewhere: () => undefined,
    onCommit(listener) {
      const timer = setInterval(listener, lookEveryMs).unref();
      return () => clearInterval(timer);
    },
    announce: spoken === "postgres" ? announceOnPostgres : () => Promise.resolve(),
    async ping() {
      await use(() => sql`select 1`.execute(database));
    },
    close: () => (closing ??= close()),
  };
}

function spokenBy(dialect: Dialect, { sql: told }: KyselyOptions): Store["dialect"] {
  if (typeof dialect?.createDriver !== "function")
    throw new OptionFault("dialect", { got: dialect, allowed: "a Kysely dialect", example: "kysely(new PostgresDialect({ pool }))" });
  const adapter = dialect.createAdapter();
  const known = adapter instanceof PostgresAdapter ? "postgres" : adapter instanceof SqliteAdapter ? "sqlite" : undefined;
  const spoken = told ?? known;
  if (spoken === "sqlite" || spoken === "postgres") return spoken;
  throw new OptionFault("sql", {
    got: told ?? `a dialect with ${adapter.constructor.name}`,
    allowed: "sqlite or postgres: whose SQL the database speaks",
    example: 'kysely(dialect, { sql: "postgres" })',
  });
}

/** Runs a job in a transaction, again from the start while the database asks for it, after growing random pauses. */
async function transact<Tables, Result>(
  database: Kysely<Tables>,
  spoken: Store["dialect"],
  job: (transaction: Kysely<Tables>) => Promise<Result>,
  longestMs = giveUpMs,
): Promise<Result> {
  const began = performance.now();
  let collected = 0;
  for (let tries = 1; ; tries += 1) {
    const mayTryAgain = performance.now() - began <= longestMs;
    const tried = await tryOnce(database, spoken, job, mayTryAgain);
    if ("result" in tried) return tried.result;
    const pauseMs = 1 + randomBelow(Math.min(spoken === "postgres" ? 25 * 2 ** tries : 5 * tries, longestPauseMs));
    await new Promise((resume) => setTimeout(resume, pauseMs));
    // After the pause, when nobody holds the statement any more; and soon, while it is young.
    if (spoken === "sqlite") await collectLostStatements(tried.heldByLostStatement && collected++ > 0);
  }
}

/** A function of its own, since an error that is at hand keeps the statement that threw it from being collected. */
async function tryOnce<Tables, Result>(
  database: Kysely<Tables>,
  spoken: Store["dialect"],
  job: (transaction: Kysely<Tables>) => Promise<Result>,
  mayTryAgain: boolean,
): Promise<{ readonly result: Result } | { readonly heldByLostStatement: boolean }> {
  try {
    const transaction = database.transaction();
    return { result: await (spoken === "postgres" ? transaction.setIsolationLevel("read committed") : transaction).execute(job) };
  } catch (error) {
    if (!isConflict(error) || !mayTryAgain) throw error;
    return { heldByLostStatement: isHeldByLostStatement(error) };
  }
}

async function migrateAll(database: Kysely<unknown>, spoken: Store["dialect"], sets: Parameters<Store["migrate"]>[0]): Promise<void> {
  // On SQLite before the transaction, which then begins with a write and so with the lock.
  if (spoken === "sqlite")
    await transact(database, spoken, (transaction) => sql.raw(createMigrationTable).execute(transaction), giveUpMigratingMs);
  const migrateInTurn = async (transaction: Kysely<unknown>): Promise<void> => {
    if (spoken === "postgres") await lockMigrationsOnPostgres(transaction);
    else await sql`delete from latchkey_migration where 1 = 0`.execute(transaction);
    await applyMissing(transaction, sets, systemClock.now());
  };
  await transact(database, spoken, migrateInTurn, giveUpMigratingMs);
}

/**
 * A driver in this process waits for a lock by holding up everything else: 20 ms are enough, for a transaction that met
 * another is tried again anyhow. A database over the network may not know the word.
 */
async function waitBriefly(database: Kysely<unknown>): Promise<void> {
  await sql`pragma busy_timeout = 20`.execute(database).catch(() => undefined);
}

/** Instants and counters would silently become texts. */
async function checkNumbers(database: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<
    Record<string, unknown>
  >`select cast(2500000000 as bigint) as whole, sum(cast(2500000000 as bigint)) as total`.execute(database);
  const wrong = Object.entries(rows[0] ?? {}).find(([, value]) => typeof value !== "number");
  if (wrong === undefined) return;
  throw new OptionFault("dialect", {
    got: `a driver that answers a ${wrong[0] === "total" ? "sum of bigint" : "bigint"} as ${typeof wrong[1]}`,
    allowed: "whole numbers as numbers",
    example: "pg.types.setTypeParser(20, Number); pg.types.setTypeParser(1700, Number)",
  });
}
