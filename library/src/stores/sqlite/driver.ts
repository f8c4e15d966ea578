import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { Fault, OptionFault } from "../../contracts/index.ts";

/**
 * Pages that the writer keeps, as they are needed. Of SQLite's usual two megabytes a million grants leave no room for the upper
 * levels of their trees, and each look-up reads the file for them.
 */
const cacheKiB = 16_000;

/** What is used of a driver: the interface of better-sqlite3, which libsql shares. */
export interface SqliteHandle {
  prepare(sql: string): SqliteStatement;
  exec(sql: string): unknown;
  close(): unknown;
}

export interface SqliteStatement {
  readonly reader: boolean;
  /** Values in one list: libsql makes it one anyhow, at some cost. */
  all(values?: readonly unknown[]): unknown[];
  get(values: readonly unknown[]): unknown;
  /** Rows as arrays of values from now on. */
  raw(): SqliteStatement;
  columns(): readonly { readonly name: string }[];
  run(values?: readonly unknown[]): { readonly changes: number; readonly lastInsertRowid: number | bigint };
}

/** A database file, and the driver that opens it. */
export interface SqlitePlace {
  readonly file: string;
  open(): SqliteHandle;
}

/**
 * A path is opened by libsql, which is loaded now and not on import: who brings a driver needs no other. Of an open handle
 * the file is taken and its own driver; not the connection, whose transactions are the app's. Throws an OptionFault for
 * a handle without a file.
 */
export function sqlitePlace(given: string | SqliteHandle): SqlitePlace {
  if (typeof given === "string") {
    const file = given;
    return { file, open: () => new (libsql())(file) };
  }
  const file = fileOf(given);
  if (file === "") {
    throw new OptionFault("sqlite", {
      got: given,
      allowed: "a path, or an open handle of better-sqlite3's form whose database is a file",
      example: 'sqlite("app.db"), or sqlite(new Database("app.db"))',
    });
  }
  const Driver = given.constructor as new (path: string) => SqliteHandle;
  return { file, open: () => new Driver(file) };
}

/** Throws a Fault that says what to install: it is an optional peer, so nobody else does. */
function libsql(): new (path: string) => SqliteHandle {
  try {
    return createRequire(import.meta.url)("libsql") as new (path: string) => SqliteHandle;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    const message = "latchkey/sqlite opens files by the package libsql, which does not load: npm install libsql.";
    throw new Fault("LATCHKEY_STORE_UNAVAILABLE", message, { cause: error });
  }
}

/** The file of the main database; "" when it has none, or when this is no handle. */
function fileOf(handle: SqliteHandle): string {
  if (typeof handle?.prepare !== "function") return "";
  const databases = handle.prepare("pragma database_list").all() as { name: string; file: string | null }[];
  return databases.find(({ name }) => name === "main")?.file ?? "";
}

/**
 * Opens a database file for the writer: WAL, foreign keys, and synchronous=NORMAL: who acknowledges a commit syncs the log
 * before (`wal-sync.ts`). Throws a Fault that names the file when it cannot be opened.
 */
export function openWriter(place: SqlitePlace): SqliteHandle {
  return open(place, (handle) => {
    handle.exec("pragma journal_mode = wal");
    handle.exec("pragma synchronous = normal");
    handle.exec("pragma foreign_keys = on");
    handle.exec("pragma busy_timeout = 50");
    handle.exec(`pragma cache_size = -${cacheKiB}`);
  });
}

/** Opens the same file for reads, which WAL lets run beside a write. */
export function openReader(place: SqlitePlace): SqliteHandle {
  return open(place, (handle) => {
    handle.exec("pragma query_only = on");
    handle.exec("pragma busy_timeout = 50");
  });
}

function open(place: SqlitePlace, prepare: (handle: SqliteHandle) => void): SqliteHandle {
  try {
    mkdirSync(dirname(place.file), { recursive: true, mode: 0o700 });
    const handle = place.open();
    prepare(handle);
    return handle;
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault("LATCHKEY_STORE_UNAVAILABLE", `${place.file} cannot be opened as an SQLite database.`, { cause: error });
  }
}
