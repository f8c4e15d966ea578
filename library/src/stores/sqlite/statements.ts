import {
  type Compilable,
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import type { PrepareOptions } from "../../contracts/index.ts";
import type { OneRowQuery } from "../../primitives/index.ts";
import type { SqliteHandle, SqliteStatement } from "./driver.ts";
import { faulting } from "./errors.ts";

type Value = string | number | null;

/** Preparing costs several times what running does; the texts of one program are few. */
const mostPrepared = 500;

/**
 * Kysely over one connection, with its statements prepared once. Everything it throws is a Fault or a UniqueViolation. A
 * driver of our own, since a connection whose statements end before anybody else has a turn needs no lock, which in Kysely's
 * is a quarter of the cost of a small write.
 */
export function kyselyOver(handle: SqliteHandle): Kysely<unknown> {
  return new OneConnection(connectionOver(handle));
}

/** A query that is compiled already goes straight to the connection: there is one only, and nobody to transform what it answers. */
class OneConnection extends Kysely<unknown> {
  readonly #connection: DatabaseConnection;

  constructor(connection: DatabaseConnection) {
    const driver = driverOver(connection);
    super({
      dialect: {
        createDriver: () => driver,
        createAdapter: () => new SqliteAdapter(),
        createQueryCompiler: () => new SqliteQueryCompiler(),
        createIntrospector: (database) => new SqliteIntrospector(database),
      },
    });
    this.#connection = connection;
  }

  override executeQuery<Row>(query: CompiledQuery<Row> | Compilable<Row>): Promise<QueryResult<Row>> {
    return this.#connection.executeQuery<Row>("compile" in query ? query.compile() : query);
  }
}

function driverOver(connection: DatabaseConnection): Driver {
  const ready = Promise.resolve(connection);
  const done = Promise.resolve();
  const noTransaction = () => Promise.reject(new TypeError("Transactions are made by the store: store.write(job)."));
  return {
    init: () => done,
    acquireConnection: () => ready,
    releaseConnection: () => done,
    beginTransaction: noTransaction,
    commitTransaction: noTransaction,
    rollbackTransaction: noTransaction,
    destroy: () => done,
  };
}

interface Prepared {
  readonly statement: SqliteStatement;
  /** Whether it answers rows: asked once, since the driver looks each time. */
  readonly reads: boolean;
  /** For who knows that there is no more than one row. */
  one: ReturnType<typeof readOne> | undefined;
}

function connectionOver(handle: SqliteHandle): DatabaseConnection {
  const prepared = new Map<string, Prepared>();
  function prepare(text: string): Prepared {
    const known = prepared.get(text);
    if (known !== undefined) return known;
    if (prepared.size >= mostPrepared) prepared.clear();
    const statement = handle.prepare(text);
    const made: Prepared = { statement, reads: statement.reader, one: undefined };
    prepared.set(text, made);
    return made;
  }
  return {
    executeQuery: async <Row>(query: CompiledQuery | OneRowQuery<Row>): Promise<QueryResult<Row>> =>
      faulting(() => {
        const { sql, parameters } = query;
        const known = prepare(sql);
        const { statement, reads } = known;
        if (reads && "atMostOne" in query && query.atMostOne)
          return { rows: (known.one ??= readOne(handle, sql))(parameters as readonly Value[]) as Row[] };
        if (reads) return { rows: statement.all(parameters) as Row[] };
        const { changes, lastInsertRowid } = statement.run(parameters);
        return { numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid), rows: [] };
      }),
    streamQuery: () => {
      throw new TypeError("Nothing is streamed here.");
    },
  };
}

/** A read that is prepared at its first use: its tables may not exist before the migrations ran. `join` is called before each. */
export function preparedRead<Row>(handle: SqliteHandle, query: Compilable<Row>, { atMostOne = false }: PrepareOptions, join?: () => void) {
  let read: ((values: readonly Value[]) => readonly unknown[]) | undefined;
  return (values: readonly Value[]): readonly Row[] =>
    faulting(() => {
      if (read === undefined) {
        const { sql } = query.compile();
        // The connection may be the one that writes.
        if (!/^select\b/i.test(sql)) throw new TypeError("Only a select can be prepared as a read.");
        read = atMostOne ? readOne(handle, sql) : readAll(handle.prepare(sql));
      }
      join?.();
      return read(values) as readonly Row[];
    });
}

function readAll(statement: SqliteStatement): (values: readonly Value[]) => readonly unknown[] {
  return (values) => statement.all(values);
}

/**
 * The first row only, as values, of which we make the object: a third of what the driver's own way costs, which also adds
 * a member of its own to the row. What is written is written whole before the first row is there (sqlite.org/lang_returning.html).
 */
function readOne(handle: SqliteHandle, text: string): (values: readonly Value[]) => readonly unknown[] {
  let statement = handle.prepare(text).raw();
  let names = statement.columns().map(({ name }) => name);
  return (values) => {
    const row = statement.get(values) as readonly Value[] | undefined;
    if (row === undefined) return [];
    if (row.length !== names.length) {
      // A newer version has added a column to a `*`: its names are known anew. Not run again: it may have written something.
      statement = handle.prepare(text).raw();
      names = statement.columns().map(({ name }) => name);
    }
    return [objectOf(names, row)];
  };
}

function objectOf(names: readonly string[], row: readonly Value[]): Record<string, Value> {
  const object: Record<string, Value> = {};
  for (let index = 0; index < names.length; index += 1) object[names[index]!] = row[index]!;
  return object;
}
