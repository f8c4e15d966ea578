import type { Compilable, Kysely } from "kysely";
import type { MaybePromise } from "./promise.ts";

/**
 * Durable state: SQL, one set of queries for SQLite and PostgreSQL. Columns hold text, integers and nothing
 * else (instants are milliseconds, flags 0 or 1, structures JSON text), so that both answer the same values.
 */
export interface Store {
  readonly dialect: "sqlite" | "postgres";
  /** For reads. Each room casts it to its own tables: `store.database<ApiKeyTables>()`. */
  database<Tables>(): Kysely<Tables>;
  /**
   * Runs `job` in a transaction and resolves once it is durable. Jobs of the same moment may share one
   * transaction and one fsync; a job that throws undoes its own writes only. It must await nothing but its queries,
   * and may run again from the start if the database asks for it. On PostgreSQL jobs run side by side (READ COMMITTED):
   * claim by what an update touched or by a unique key, not by what was read before; and do not catch what a query throws,
   * for the transaction is lost then.
   */
  write<Tables, Result>(job: (transaction: Kysely<Tables>) => Promise<Result>): Promise<Result>;
  /**
   * A statement prepared once, for the few hot reads. The query is compiled with sample values; the returned
   * function takes the real ones in the order in which they stand in it.
   */
  prepare<Row>(
    query: Compilable<Row>,
    options?: PrepareOptions,
  ): (...values: readonly (string | number | null)[]) => MaybePromise<readonly Row[]>;
  /** Brings the tables of each set up to date, under a lock; safe on several nodes at once and after a kill. */
  migrate(sets: readonly MigrationSet[]): Promise<void>;
  /**
   * Whether somebody else may have committed since the last call. Called on the hot path: O(1), never waits.
   * Undefined where the database calls us instead (`onCommit`).
   */
  committedElsewhere(): boolean | undefined;
  /** Calls the listener when another node announces a change; returns how to stop. */
  onCommit(listener: () => void): () => void;
  /** Tells other nodes, once the transaction is durable, that there is something to read. */
  announce<Tables>(transaction: Kysely<Tables>): Promise<void>;
  /** Rejects with a Fault when the database does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface PrepareOptions {
  /** The query cannot find more than one row, as by a primary key: quicker on SQLite, which then stops at the first. */
  readonly atMostOne?: boolean;
}

/** The numbered, additive, forward-only migrations of one room, e.g. `api-key`. */
export interface MigrationSet {
  readonly name: string;
  readonly migrations: readonly Migration[];
}

export interface Migration {
  /** `0001-create`: numbered from 0001 without a gap. */
  readonly name: string;
  readonly up: (database: Kysely<unknown>) => Promise<void>;
}
