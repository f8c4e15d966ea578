import { Kysely, SqliteDialect } from "kysely";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Store, systemClock } from "../../contracts/index.ts";
import { applyMissing, migrationNames } from "../sql/index.ts";
import { createCommitQueue } from "./commit-queue.ts";
import { openReader, openWriter, type SqliteHandle, type SqliteStatement } from "./driver.ts";
import { asFault } from "./errors.ts";

/**
 * A store in an SQLite file, made if it is not there (readable by its owner only). `":memory:"` is a file in a temporary
 * folder of its own, removed on close. Throws a Fault when the file cannot be opened.
 */
export function sqlite(path: string): Store {
  const folder = path === ":memory:" ? mkdtempSync(join(tmpdir(), "latchkey-")) : undefined;
  const file = folder === undefined ? path : join(folder, "latchkey.db");
  const writer = openWriter(file);
  chmodSync(file, 0o600);
  const reader = openReader(file);
  const queue = createCommitQueue(writer);
  const writing = kyselyOver(writer);
  const reading = kyselyOver(reader);
  const version = reader.prepare("pragma data_version");
  let seenVersion = dataVersion(version);
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    await queue.close();
    reader.close();
    writer.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }

  return {
    dialect: "sqlite",
    database: <Tables>() => reading as Kysely<Tables>,
    write: <Tables, Result>(job: (transaction: Kysely<Tables>) => Promise<Result>) => queue.add(() => job(writing as Kysely<Tables>)),
    prepare<Row>(query: { compile(): { readonly sql: string } }) {
      // Made at the first use: its tables may not exist before the migrations ran.
      let statement: SqliteStatement | undefined;
      return (...values: readonly (string | number | null)[]) => {
        return faulting(() => (statement ??= reader.prepare(query.compile().sql)).all(...values) as Row[]);
      };
    },
    async migrate(sets) {
      const names = migrationNames(sets);
      if (isUpToDate(reader, names)) return;
      await queue.add(() => applyMissing(writing, sets, systemClock.now()));
    },
    committedElsewhere() {
      const now = dataVersion(version);
      if (now === seenVersion) return false;
      seenVersion = now;
      return true;
    },
    onCommit: () => () => undefined,
    announce: () => Promise.resolve(),
    async ping() {
      faulting(() => reader.prepare("select 1").all());
    },
    close: () => (closing ??= close()),
  };
}

function kyselyOver(handle: SqliteHandle): Kysely<unknown> {
  return new Kysely<unknown>({
    dialect: new SqliteDialect({ database: { prepare: (text) => preparedFor(handle, text), close: () => undefined } }),
  });
}

/** Kysely's view of a statement; libsql has the same, but types it differently. What it throws becomes a Fault. */
function preparedFor(handle: SqliteHandle, text: string) {
  const statement = faulting(() => handle.prepare(text));
  return {
    reader: statement.reader,
    all: (values: readonly unknown[]) => faulting(() => statement.all(...values)),
    run: (values: readonly unknown[]) => faulting(() => statement.run(...values)),
    iterate: (values: readonly unknown[]) => faulting(() => statement.all(...values)[Symbol.iterator]()),
  };
}

function faulting<Result>(use: () => Result): Result {
  try {
    return use();
  } catch (error) {
    throw asFault(error);
  }
}

function dataVersion(statement: SqliteStatement): number {
  return (statement.all()[0] as { data_version: number }).data_version;
}

/** One read on the way to the first request; everything else waits until there is something to do. */
function isUpToDate(reader: SqliteHandle, names: readonly string[]): boolean {
  try {
    const rows = reader.prepare("select name from latchkey_migration").all() as { name: string }[];
    const applied = new Set(rows.map((row) => row.name));
    return names.every((name) => applied.has(name));
  } catch {
    // No such table yet.
    return false;
  }
}
