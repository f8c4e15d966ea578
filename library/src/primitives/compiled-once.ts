import type { Compilable, CompiledQuery, Kysely, QueryResult } from "kysely";

type Value = string | number | null;

/** A statement that answers no more than one row, as by a primary key: quicker on SQLite, which then stops at the first. */
export interface OneRowQuery<Row> extends CompiledQuery<Row> {
  readonly atMostOne: boolean;
}

/** Runs a statement in a transaction, or over any connection of the database that it was first used with. */
type CompiledOnce<Tables, Row> = (database: Kysely<Tables>, values: readonly Value[]) => Promise<QueryResult<Row>>;

/**
 * A statement of which the text is made at its first use, with sample values: to build one costs more than to run it. The
 * returned function takes the real values, in the order in which the samples stand in it. Throws when there are more or fewer.
 */
export function compiledOnce<Tables, Row = unknown>(
  build: (database: Kysely<Tables>) => Compilable<Row>,
  { atMostOne = false }: { readonly atMostOne?: boolean } = {},
): CompiledOnce<Tables, Row> {
  let compiled: CompiledQuery<Row> | undefined;
  return async (database, values) => {
    compiled ??= build(database).compile();
    const { length } = compiled.parameters;
    if (values.length !== length) throw new TypeError(`${values.length} values for a statement that takes ${length}`);
    const query: OneRowQuery<Row> = { ...compiled, parameters: values, atMostOne };
    return database.executeQuery(query);
  };
}

/** An insert of one row, of which the text is made at its first use: the columns are those of the first row, which all others must have. */
export function insertOnce<Tables, Table extends keyof Tables & string>(
  table: Table,
): (database: Kysely<Tables>, row: Tables[Table]) => Promise<unknown> {
  let columns: readonly string[] | undefined;
  let insert: CompiledOnce<Tables, unknown> | undefined;
  return async (database, row) => {
    const values = row as Readonly<Record<string, Value>>;
    columns ??= Object.keys(values);
    insert ??= compiledOnce((first) => first.insertInto(table).values(row as never));
    if (Object.keys(values).length !== columns.length) throw new TypeError(`a row with other columns than the first of ${table}`);
    return insert(
      database,
      columns.map((name) => values[name]!),
    );
  };
}
