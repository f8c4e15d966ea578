import Database from "libsql";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { Fault } from "../../contracts/index.ts";

/** What is used of a driver: the interface of better-sqlite3, which libsql shares. */
export interface SqliteHandle {
  prepare(sql: string): SqliteStatement;
  exec(sql: string): unknown;
  close(): unknown;
}

export interface SqliteStatement {
  readonly reader: boolean;
  all(...values: readonly unknown[]): unknown[];
  get(values: readonly unknown[]): unknown;
  /** Rows as arrays of values from now on. */
  raw(): SqliteStatement;
  columns(): readonly { readonly name: string }[];
  run(...values: readonly unknown[]): { readonly changes: number; readonly lastInsertRowid: number | bigint };
}

/**
 * Opens a database file for the writer: WAL, foreign keys, and synchronous=NORMAL: who acknowledges a commit syncs the log
 * before (`wal-sync.ts`). Throws a Fault that names the file when it cannot be opened.
 */
export function openWriter(path: string): SqliteHandle {
  return open(path, (handle) => {
    handle.exec("pragma journal_mode = wal");
    handle.exec("pragma synchronous = normal");
    handle.exec("pragma foreign_keys = on");
    handle.exec("pragma busy_timeout = 50");
  });
}

/** Opens the same file for reads, which WAL lets run beside a write. */
export function openReader(path: string): SqliteHandle {
  return open(path, (handle) => {
    handle.exec("pragma query_only = on");
    handle.exec("pragma busy_timeout = 50");
  });
}

function open(path: string, prepare: (handle: SqliteHandle) => void): SqliteHandle {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const handle = new Database(path) as unknown as SqliteHandle;
    prepare(handle);
    return handle;
  } catch (error) {
    throw new Fault("LATCHKEY_STORE_UNAVAILABLE", `${path} cannot be opened as an SQLite database.`, { cause: error });
  }
}
