import type { CompiledQuery, DatabaseConnection, Dialect, Driver } from "kysely";
import { Fault } from "../../contracts/index.ts";
import { asFault } from "./errors.ts";

/** A dialect, and how to close it: afterwards it gives no connection any more. */
export interface FaultingDialect {
  readonly dialect: Dialect;
  close(): Promise<void>;
}

/**
 * The dialect, with everything that its driver throws as a Fault or a UniqueViolation; and a transaction in which a
 * statement failed is not committed: PostgreSQL answers such a commit with ROLLBACK and no error.
 */
export function faultingDialect(dialect: Dialect): FaultingDialect {
  const driver = dialect.createDriver();
  let began = false;
  let closed = false;
  return {
    dialect: {
      createAdapter: () => dialect.createAdapter(),
      createIntrospector: (database) => dialect.createIntrospector(database),
      createQueryCompiler: () => dialect.createQueryCompiler(),
      createDriver: () => ({
        ...faultingDriver(driver),
        async init() {
          if (closed) throw new Fault("LATCHKEY_CLOSED", "The store is closed.");
          began = true;
          await faulting(() => driver.init());
        },
        async acquireConnection() {
          if (closed) throw new Fault("LATCHKEY_CLOSED", "The store is closed.");
          return new Watched(await faulting(() => driver.acquireConnection()));
        },
      }),
    },
    async close() {
      closed = true;
      // A driver that was never begun has nothing to end.
      if (began) await faulting(() => driver.destroy());
    },
  };
}

async function faulting<Result>(use: () => Promise<Result>): Promise<Result> {
  try {
    return await use();
  } catch (error) {
    throw asFault(error);
  }
}

/** A connection of the driver, as Kysely is handed it. */
class Watched implements DatabaseConnection {
  readonly connection: DatabaseConnection;
  failed = false;

  constructor(connection: DatabaseConnection) {
    this.connection = connection;
  }

  async executeQuery<Row>(query: CompiledQuery) {
    try {
      return await this.connection.executeQuery<Row>(query);
    } catch (error) {
      this.failed = true;
      throw asFault(error);
    }
  }

  streamQuery<Row>(query: CompiledQuery, chunkSize?: number) {
    return this.connection.streamQuery<Row>(query, chunkSize);
  }
}

function faultingDriver(driver: Driver): Omit<Driver, "init" | "acquireConnection"> {
  /** Drivers know their own connections by more than the interface tells. */
  const own = (connection: DatabaseConnection): DatabaseConnection => (connection instanceof Watched ? connection.connection : connection);
  return {
    beginTransaction: (connection, settings) => faulting(() => driver.beginTransaction(own(connection), settings)),
    async commitTransaction(connection) {
      if (connection instanceof Watched && connection.failed)
        throw new Fault("LATCHKEY_STORE_UNAVAILABLE", "The transaction is lost: a statement of it had failed unnoticed.");
      await faulting(() => driver.commitTransaction(own(connection)));
    },
    rollbackTransaction: (connection) => faulting(() => driver.rollbackTransaction(own(connection))),
    releaseConnection: (connection) => faulting(() => driver.releaseConnection(own(connection))),
    destroy: () => faulting(() => driver.destroy()),
  };
}
