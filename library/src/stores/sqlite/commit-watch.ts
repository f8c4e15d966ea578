import { closeSync, openSync, readSync } from "node:fs";
import type { SqliteHandle } from "./driver.ts";

/** How long the log is, in pages. */
export interface LogSize {
  /** Since it was last begun anew, whether or not they are in the database. */
  all(): number;
  /** Not yet in the database. */
  pending(): number;
}

/** Notices that somebody, this process included, may have committed to a database file. */
export interface CommitWatch {
  /** Whether there may be something new since the last call: never false after a commit that can be read. */
  changed(): boolean;
  /** Undefined where that is not told. */
  readonly log: LogSize | undefined;
  close(): void;
}

/** The first of the two copies of the header: what SQLite writes last when a commit becomes visible. */
const headerBytes = 48;
/** Where the header tells of the last page of the log, and where it stands beside how many of them were brought over. */
const lastPageAt = 16;
const broughtOverAt = 96;

/**
 * Watches the header of the WAL index (sqlite.org/walformat.html s.2): the `-shm` file, in which every connection of every
 * process finds the last commit. Its bytes change with each commit and with each reset, so they are compared and not
 * understood; half-written ones differ too and are looked at again. Three times as quick as `pragma data_version`, which
 * takes and frees the locks of a read, and is used where the file cannot be read or need not agree with the map of it.
 */
export function createCommitWatch(file: string, reader: SqliteHandle): CommitWatch {
  // A read makes the index; as long as the reader is open it is neither removed nor replaced.
  reader.prepare("select count(*) from sqlite_schema").all();
  const descriptor = process.platform === "win32" ? undefined : openIndex(`${file}-shm`);
  return descriptor === undefined ? watchVersion(reader) : watchIndex(descriptor);
}

function watchIndex(descriptor: number): CommitWatch {
  let seen = Buffer.alloc(headerBytes);
  let read = Buffer.alloc(headerBytes);
  const changed = (): boolean => {
    if (readSync(descriptor, read, 0, headerBytes, 0) === headerBytes && read.equals(seen)) return false;
    [seen, read] = [read, seen];
    return true;
  };
  changed();
  const number = Buffer.alloc(4);
  // In the byte order of this machine, which on all that Node runs on today is this one.
  const numberAt = (place: number) => (readSync(descriptor, number, 0, 4, place) === 4 ? number.readUInt32LE() : 0);
  const log = { all: () => numberAt(lastPageAt), pending: () => numberAt(lastPageAt) - numberAt(broughtOverAt) };
  return { changed, log, close: () => closeSync(descriptor) };
}

function watchVersion(reader: SqliteHandle): CommitWatch {
  const statement = reader.prepare("pragma data_version");
  const version = (): unknown => (statement.all()[0] as { data_version: number }).data_version;
  let seen = version();
  return {
    changed() {
      const now = version();
      if (now === seen) return false;
      seen = now;
      return true;
    },
    log: undefined,
    close: () => undefined,
  };
}

function openIndex(file: string): number | undefined {
  try {
    return openSync(file, "r");
  } catch {
    return undefined;
  }
}
