import { Kysely, PostgresDialect } from "kysely";
import { Fault } from "../../contracts/index.ts";
import { randomBelow } from "../../primitives/index.ts";
import type { Connection, Connections } from "./connections.ts";
import { isConflict } from "./errors.ts";

const mostTries = 8;
/** PostgreSQL looks for a deadlock after a second by default, and all who want the same rows queue up behind it meanwhile. */
const longestPauseMs = 2_000;

/** Kysely over the pool, for reads: a connection for each query. */
export function kyselyOver(connections: Connections, giveUpMs: number): Kysely<unknown> {
  return new Kysely<unknown>({
    dialect: new PostgresDialect({ pool: { connect: () => connections.take(giveUpMs).then(clientOf), end: async () => undefined } }),
  });
}

/**
 * Runs a job in a transaction (READ COMMITTED), again from the start while the database asks for it (a deadlock, a
 * serialization failure), at most eight times with a growing random pause, so that those who met do not meet again. Resolves once it is committed.
 */
export async function transact<Result>(
  connections: Connections,
  giveUpMs: number | undefined,
  job: (transaction: Kysely<unknown>) => Promise<Result>,
): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await runOnce(await connections.take(giveUpMs), job);
    } catch (error) {
      if (!isConflict(error) || tries >= mostTries) throw error;
      const pauseMs = randomBelow(Math.min(25 * 2 ** tries, longestPauseMs));
      await new Promise((resume) => setTimeout(resume, pauseMs));
    }
  }
}

async function runOnce<Result>(connection: Connection, job: (transaction: Kysely<unknown>) => Promise<Result>): Promise<Result> {
  const single = { connect: async () => ({ ...clientOf(connection), release: () => undefined }), end: async () => undefined };
  const bound = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: single }) });
  try {
    await connection.query("begin isolation level read committed");
    const result = await job(bound);
    const end = await connection.query("commit");
    // PostgreSQL answers the commit of a transaction in which a statement failed with ROLLBACK, and no error.
    if (end.command !== "COMMIT")
      throw new Fault("LATCHKEY_STORE_UNAVAILABLE", "PostgreSQL undid the transaction: a statement of it had failed unnoticed.");
    return result;
  } catch (error) {
    // When this fails too, the connection is closed, which undoes as well; what went wrong first is what counts.
    await connection.query("rollback").catch(() => undefined);
    throw error;
  } finally {
    connection.release();
  }
}

/** Kysely's view of a connection; cursors are not used. */
function clientOf(connection: Connection) {
  return { query: connection.query as never, release: connection.release };
}
