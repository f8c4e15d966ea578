import { type Compilable, Kysely, SqliteDialect } from "kysely";
import type { PrepareOptions } from "../../contracts/index.ts";
import type { SqliteHandle, SqliteStatement } from "./driver.ts";
import { faulting } from "./errors.ts";

type Value = string | number | null;

/** Preparing costs several times what running does; the texts of one program are few. */
const mostPrepared = 500;

/** Kysely over one connection, with its statements prepared once. Everything it throws is a Fault or a UniqueViolation. */
export function kyselyOver(handle: SqliteHandle): Kysely<unknown> {
  const prepared = new Map<string, ReturnType<typeof statementOf>>();
  const prepare = (text: string) => {
    const known = prepared.get(text);
    if (known !== undefined) return known;
    if (prepared.size >= mostPrepared) prepared.clear();
    const made = statementOf(faulting(() => handle.prepare(text)));
    prepared.set(text, made);
    return made;
  };
  return new Kysely<unknown>({ dialect: new SqliteDialect({ database: { prepare, close: () => undefined } }) });
}

/** Kysely's view of a statement; libsql has the same, but types it differently. */
function statementOf(statement: SqliteStatement) {
  return {
    reader: statement.reader,
    all: (values: readonly unknown[]) => faulting(() => statement.all(...values)),
    run: (values: readonly unknown[]) => faulting(() => statement.run(...values)),
    iterate: (values: readonly unknown[]) => faulting(() => statement.all(...values)[Symbol.iterator]()),
  };
}

/** A read that is prepared at its first use: its tables may not exist before the migrations ran. `join` is called before each. */
export function preparedRead<Row>(handle: SqliteHandle, query: Compilable<Row>, { atMostOne = false }: PrepareOptions, join: () => void) {
  let read: ((values: readonly Value[]) => readonly unknown[]) | undefined;
  return (...values: readonly Value[]): readonly Row[] =>
    faulting(() => {
      if (read === undefined) {
        const { sql } = query.compile();
        read = atMostOne ? readOne(handle, sql) : readAll(handle.prepare(sql));
      }
      join();
      return read(values) as readonly Row[];
    });
}

function readAll(statement: SqliteStatement): (values: readonly Value[]) => readonly unknown[] {
  return (values) => statement.all(...values);
}

/**
 * The first row only, as values, of which we make the object: a third of what the driver's own way costs, which also adds
 * a member of its own to the row.
 */
function readOne(handle: SqliteHandle, text: string): (values: readonly Value[]) => readonly unknown[] {
  let statement = handle.prepare(text).raw();
  let names = statement.columns().map(({ name }) => name);
  const read = (values: readonly Value[]): readonly unknown[] => {
    const row = statement.get(values) as readonly Value[] | undefined;
    if (row === undefined) return [];
    if (row.length === names.length) return [objectOf(names, row)];
    // A newer version has added a column to a `select *`: its names are known anew.
    statement = handle.prepare(text).raw();
    names = statement.columns().map(({ name }) => name);
    return read(values);
  };
  return read;
}

function objectOf(names: readonly string[], row: readonly Value[]): Record<string, Value> {
  const object: Record<string, Value> = {};
  for (let index = 0; index < names.length; index += 1) object[names[index]!] = row[index]!;
  return object;
}
