import type { ConnectionOptions } from "node:tls";
import { type PoolConfig, types } from "pg";
import { OptionFault, wholeOption } from "../../contracts/index.ts";

/** Where PostgreSQL is, in parts: for a password that changes, or certificates. */
export interface PostgresConnection {
  readonly host?: string;
  readonly port?: number;
  readonly database?: string;
  readonly user?: string;
  /** A function is asked for each new connection. */
  readonly password?: string | (() => string | Promise<string>);
  readonly ssl?: boolean | ConnectionOptions;
}

export interface PostgresOptions {
  /** Most connections at once, beside the one that listens. Default 10. */
  readonly connections?: number;
  /** Longest wait for a connection, in milliseconds. Default 3,000. */
  readonly connectTimeoutMs?: number;
  /** Longest run of one statement, in milliseconds; migrations are not bound by it. Default 5,000. */
  readonly statementTimeoutMs?: number;
  /** Told of lost connections, for a log: nobody's request failed by them. */
  readonly onFault?: (error: unknown) => void;
}

/** The options, checked and completed. */
export interface PostgresSettings {
  readonly pool: PoolConfig;
  /** When we stop waiting ourselves: later than the server, which may be what hangs. */
  readonly giveUpMs: number;
  readonly onFault: (error: unknown) => void;
}

/** int8, and numeric, of which a sum of int8 is. */
const wholeNumbers = new Set<number>([20, 1700]);

/** Checks the options; never prints a URL, which may hold a password. Throws an OptionFault. */
export function readOptions(connection: string | PostgresConnection, options: PostgresOptions): PostgresSettings {
  const statementMs = wholeOption("statementTimeoutMs", options.statementTimeoutMs ?? 5_000, { most: 600_000, example: "5000" });
  return {
    pool: {
      ...place(connection),
      max: wholeOption("connections", options.connections ?? 10, { most: 1_000, example: "10" }),
      connectionTimeoutMillis: wholeOption("connectTimeoutMs", options.connectTimeoutMs ?? 3_000, { most: 600_000, example: "3000" }),
      idleTimeoutMillis: 60_000,
      keepAlive: true,
      application_name: "latchkey",
      statement_timeout: statementMs,
      // A node that is stopped in the middle of a transaction must not keep its locks from all others.
      idle_in_transaction_session_timeout: statementMs,
      // Instants, counters and sums of them are numbers, as on SQLite; by itself pg answers texts.
      types: { getTypeParser: (oid, format) => (wholeNumbers.has(oid) ? Number : types.getTypeParser(oid, format)) },
    },
    giveUpMs: statementMs + 1_000,
    onFault: options.onFault ?? (() => undefined),
  };
}

function place(connection: string | PostgresConnection): PoolConfig {
  if (typeof connection === "object" && connection !== null) return { ...connection };
  if (typeof connection === "string" && /^postgres(?:ql)?:\/\/./.test(connection)) return { connectionString: connection };
  throw new OptionFault("postgres", {
    got: typeof connection === "string" ? `${connection.length} characters of another form` : connection,
    allowed: "a postgres:// URL, or an object with host, port, database, user, password, ssl",
    example: '"postgres://latchkey@localhost:5432/latchkey"',
  });
}
