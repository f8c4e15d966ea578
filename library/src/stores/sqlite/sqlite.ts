import type { Compilable, Kysely } from "kysely";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PrepareOptions, type Store, systemClock } from "../../contracts/index.ts";
import { applyMissing, migrationNames } from "../sql/index.ts";
import { createCheckpoints } from "./checkpoints.ts";
import { createCommitQueue } from "./commit-queue.ts";
import { createCommitWatch } from "./commit-watch.ts";
import { openReader, openWriter, type SqliteHandle, sqlitePlace } from "./driver.ts";
import { faulting } from "./errors.ts";
import { createReadTurn } from "./read-turn.ts";
import { kyselyOver, preparedRead } from "./statements.ts";
import { createWalSync } from "./wal-sync.ts";

/**
 * A store in an SQLite file, made if it is not there (readable by its owner only). `":memory:"` is a file in a temporary
 * folder of its own, removed on close. Or in the file of an open handle of better-sqlite3's interface: over connections of
 * our own, by the same driver; the handle stays the app's. Throws a Fault when the file cannot be opened.
 */
export function sqlite(given: string | SqliteHandle): Store {
  const folder = given === ":memory:" ? mkdtempSync(join(tmpdir(), "latchkey-")) : undefined;
  const place = sqlitePlace(folder === undefined ? given : join(folder, "latchkey.db"));
  const { file } = place;
  const writer = openWriter(place);
  if (typeof given === "string") chmodSync(file, 0o600);
  const reader = openReader(place);
  const log = createWalSync(file);
  const commits = createCommitWatch(file, reader);
  const turn = createReadTurn(writer);
  // Of an app's own handle we know neither the driver's threads nor its settings.
  const checkpoints = createCheckpoints(file, writer, typeof given === "string" ? commits.log : undefined);
  const sync = () => log.sync().then(checkpoints.look);
  const queue = createCommitQueue({ writer, endReads: turn.end, sync, room: checkpoints.room });
  const writing = kyselyOver(writer);
  const reading = kyselyOver(reader);
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    await queue.close();
    await checkpoints.close();
    log.close();
    commits.close();
    turn.end();
    reader.close();
    writer.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }

  return {
    dialect: "sqlite",
    database: <Tables>() => reading as Kysely<Tables>,
    write: <Tables, Result>(job: (transaction: Kysely<Tables>) => Promise<Result>) => queue.add(() => job(writing as Kysely<Tables>)),
    prepare<Row>(query: Compilable<Row>, options: PrepareOptions = {}) {
      const between = preparedRead<Row>(writer, query, options, turn.join);
      const beside = preparedRead<Row>(reader, query, options);
      return (...values) => (queue.isWriting() ? beside(values) : between(values));
    },
    async migrate(sets) {
      const names = migrationNames(sets);
      if (isUpToDate(reader, names)) return;
      await queue.add(() => applyMissing(writing, sets, systemClock.now()));
    },
    committedElsewhere() {
      const changed = commits.changed();
      if (changed) turn.end();
      return changed;
    },
    onCommit: () => () => undefined,
    announce: () => Promise.resolve(),
    async ping() {
      faulting(() => reader.prepare("select 1").all());
    },
    close: () => (closing ??= close()),
  };
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
