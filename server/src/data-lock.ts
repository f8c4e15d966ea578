import type Database from "libsql";
import { chmodSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { UsageError } from "./usage.ts";

/**
 * Takes the data folder for one server, and returns how to give it back. The lock is one of the operating system on a file that
 * SQLite opens: it ends with the process, however that ends, and two that ask at once cannot both have it.
 */
export function lockDataFolder(data: string): () => void {
  const path = join(data, "server.lock");
  const handle = openDatabase(path);
  try {
    chmodSync(path, 0o600);
    handle.exec("pragma locking_mode = exclusive");
    handle.exec("begin exclusive");
  } catch (error) {
    handle.close();
    if (String((error as NodeJS.ErrnoException).code).startsWith("SQLITE_BUSY"))
      throw new UsageError(`a server is running on ${data} already.`);
    throw error;
  }
  return () => handle.close();
}

/** Required, as the store does it: to import CommonJS, Node parses all of it for its names first. */
function openDatabase(path: string): Database.Database {
  const Driver = createRequire(import.meta.url)("libsql") as typeof Database;
  return new Driver(path);
}
