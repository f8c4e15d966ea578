import { Pool, type PoolClient, type QueryConfig, type QueryResult } from "pg";
import { Fault } from "../../contracts/index.ts";
import { asFault, breaksConnection } from "./errors.ts";
import type { PostgresSettings } from "./options.ts";

/** A connection while somebody has it. Everything it throws is a Fault, a UniqueViolation or a broken constraint. */
export interface Connection {
  query(statement: string | QueryConfig, values?: readonly unknown[]): Promise<QueryResult>;
  /** Gives it back; one that failed in a way that leaves its state in doubt is closed instead. */
  release(): void;
}

/** The pool of connections. A lost one never ends the process: the next request gets a new one. */
export interface Connections {
  /** `giveUpMs`: how long a statement is waited for; undefined: as long as it takes. */
  take(giveUpMs: number | undefined): Promise<Connection>;
  close(): Promise<void>;
}

/** More than this waiting for a connection is refused at once: they could not be answered in time anyway. */
const mostWaiting = 10_000;

export function createConnections({ pool: config, onFault }: PostgresSettings): Connections {
  const pool = new Pool(config);
  pool.on("error", onFault);
  // The pool listens to idle connections only: one that is lost between two statements of a transaction would end the process.
  pool.on("connect", (client) => client.on("error", onFault));
  let inUse = 0;
  let closing: Promise<void> | undefined;
  let unused: () => void = () => undefined;

  function giveBack(): void {
    inUse -= 1;
    if (inUse === 0) unused();
  }

  /** pg forgets those who wait for a connection when its pool ends: they come first. */
  async function close(): Promise<void> {
    if (inUse > 0) await new Promise<void>((resolve) => (unused = resolve));
    await pool.end();
  }

  return {
    async take(giveUpMs) {
      if (closing !== undefined) throw new Fault("LATCHKEY_CLOSED", "The store is closed.");
      if (pool.waitingCount >= mostWaiting) throw new Fault("LATCHKEY_STORE_BUSY", `${mostWaiting} requests wait for PostgreSQL already.`);
      inUse += 1;
      try {
        return connectionOver(await pool.connect(), giveUpMs, giveBack);
      } catch (error) {
        giveBack();
        throw asFault(error);
      }
    },
    close: () => (closing ??= close()),
  };
}

function connectionOver(client: PoolClient, giveUpMs: number | undefined, giveBack: () => void): Connection {
  let broken = false;
  return {
    async query(statement, values) {
      const asked = typeof statement === "string" ? { text: statement, values: values?.slice() } : statement;
      try {
        // pg knows this option for each query; its types know it for the connection only.
        return await client.query({ ...asked, query_timeout: giveUpMs } as QueryConfig);
      } catch (error) {
        if (breaksConnection(error)) broken = true;
        throw asFault(error);
      }
    },
    release() {
      client.release(broken);
      giveBack();
    },
  };
}
