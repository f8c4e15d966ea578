import { createRequire } from "node:module";
import type { Worker } from "node:worker_threads";
import type { SqliteHandle } from "./driver.ts";

/** Brings what was committed from the log into the database. */
export interface Checkpoints {
  /** Call after a commit: begins when the log has grown, and waits for nothing. */
  look(): void;
  /** Resolves when the thread, if there was one, has let go of the file. */
  close(): Promise<void>;
}

/** Pages in the log from which on they are brought over: SQLite's own default. */
const pages = 1_000;
/** The writer does it itself when the thread falls behind so far: the log stays below 40 MB. */
const mostPages = 8_000;

/**
 * Does it in a thread of its own. SQLite does it in the commit that passes a thousand pages, and to sync a database into
 * which a thousand scattered pages were written takes tens of milliseconds, for which nobody would be answered. Another
 * connection may do it while the writer goes on (PASSIVE, sqlite.org/wal.html#ckpt): it waits for nobody and holds nobody
 * up. The thread begins when the log has grown for the first time; most processes never have it. `pending` tells how many
 * pages wait; where it cannot, and for a driver that is the app's, SQLite does it as ever.
 */
export function createCheckpoints(file: string, writer: SqliteHandle, pending: (() => number) | undefined): Checkpoints {
  if (pending === undefined) return { look: () => undefined, close: () => Promise.resolve() };
  let thread: Worker | undefined;
  let lost = false;
  let busy = false;
  const setMost = (count: number) => void writer.exec(`pragma wal_autocheckpoint = ${count}`);
  setMost(mostPages);

  function start(): Worker {
    const driver = createRequire(import.meta.url).resolve("libsql");
    const threads = process.getBuiltinModule("node:worker_threads");
    const worker = new threads.Worker(program, { eval: true, workerData: { driver, file }, execArgv: [], env: {} });
    worker.unref();
    worker.on("message", () => (busy = false));
    worker.on("error", () => {
      lost = true;
      setMost(pages);
    });
    return worker;
  }

  return {
    look() {
      if (busy || lost || pending() < pages) return;
      busy = true;
      thread ??= start();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- A thread, not a window: it has no origin.
      thread.postMessage("checkpoint");
    },
    async close() {
      if (thread === undefined || lost) return;
      lost = true;
      const gone = new Promise((resolve) => thread!.once("exit", resolve));
      thread.ref();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- As above.
      thread.postMessage("close");
      await gone;
    },
  };
}

/** What the thread runs: a text, so that it needs no file beside the bundle. Busy is no mistake: somebody else does it. */
const program = `
const { parentPort, workerData: { driver, file } } = require("node:worker_threads");
const database = new (require(driver))(file);
database.exec("pragma busy_timeout = 0");
parentPort.on("message", (word) => {
  if (word === "close") {
    database.close();
    return parentPort.close();
  }
  try {
    database.prepare("pragma wal_checkpoint(passive)").all();
  } catch {}
  parentPort.postMessage("done");
});
`;
