import { createRequire } from "node:module";
import type { Worker } from "node:worker_threads";
import type { LogSize } from "./commit-watch.ts";
import type { SqliteHandle } from "./driver.ts";

/** Brings what was committed from the log into the database. */
export interface Checkpoints {
  /** Call after a commit: begins when the log has grown, and waits for nothing. */
  look(): void;
  /** Call before a transaction: what it must wait for, if anything. */
  room(): Promise<void> | undefined;
  /** Resolves when the thread, if there was one, has let go of the file. */
  close(): Promise<void>;
}

/** Pages in the log from which on they are brought over: SQLite's own default. */
const pages = 1_000;
/** When it has grown by so many without being begun anew, 32 MB, writes wait until the thread has caught up. */
const mostPages = 8_000;

/**
 * Does it in a thread of its own. SQLite does it in the commit that passes a thousand pages, and to sync a database into
 * which a thousand scattered pages were written takes tens of milliseconds, for which nobody would be answered. Another
 * connection may do it while the writer goes on (PASSIVE, sqlite.org/wal.html#ckpt): it waits for nobody and holds nobody
 * up. But the log is only begun anew by a write that finds all of it brought over, which one after the other never do: so
 * now and then they wait a moment, and requests do not. The thread begins when the log has grown for the first time; most
 * processes never have it. Where the length of the log is not told, and for a driver that is the app's, SQLite does it as ever.
 */
export function createCheckpoints(file: string, writer: SqliteHandle, log: LogSize | undefined): Checkpoints {
  if (log === undefined) return { look: () => undefined, room: () => undefined, close: () => Promise.resolve() };
  let thread: Worker | undefined;
  let lost = false;
  let running: { readonly promise: Promise<void>; readonly end: () => void } | undefined;
  /** How long the log was when it last was waited for: who reads it elsewhere, and for long, keeps it from beginning anew. */
  let waitedAt = 0;
  const setMost = (count: number) => void writer.exec(`pragma wal_autocheckpoint = ${count}`);
  setMost(0);

  function lose(): void {
    if (!lost) setMost(pages);
    lost = true;
    ended();
  }

  function start(): Worker {
    const driver = createRequire(import.meta.url).resolve("libsql");
    const threads = process.getBuiltinModule("node:worker_threads");
    const worker = new threads.Worker(program, { eval: true, workerData: { driver, file }, execArgv: [], env: {} });
    worker.unref();
    worker.on("message", ended);
    worker.on("error", lose);
    return worker;
  }

  function ended(): void {
    running?.end();
    running = undefined;
  }

  function run(): Promise<void> {
    if (running !== undefined) return running.promise;
    let end: () => void = () => undefined;
    const promise = new Promise<void>((resolve) => (end = resolve));
    running = { promise, end };
    try {
      thread ??= start();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- A thread, not a window: it has no origin.
      thread.postMessage("checkpoint");
    } catch {
      // A process that may have no threads (Node's permissions).
      lose();
    }
    return promise;
  }

  async function catchUp(): Promise<void> {
    // Whoever waits for a write keeps the process, which may have nothing else to do; the thread by itself does not.
    thread?.ref();
    // What runs began before the last commits.
    await running?.promise;
    if (!lost && log!.pending() > 0) {
      const done = run();
      thread?.ref();
      await done;
    }
    thread?.unref();
    waitedAt = log!.all();
  }

  return {
    look() {
      if (running === undefined && !lost && log.pending() >= pages) void run();
    },
    room() {
      if (lost) return undefined;
      const all = log.all();
      if (all < waitedAt) waitedAt = 0;
      return all - waitedAt < mostPages ? undefined : catchUp();
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

/**
 * What the thread runs: a text, so that it needs no file beside the bundle. Busy is no mistake: somebody else does it. By `exec`:
 * a process that ends meanwhile ends its threads too, and where libsql then makes a statement or rows it aborts the process.
 */
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
    database.exec("pragma wal_checkpoint(passive)");
  } catch {}
  parentPort.postMessage("done");
});
`;
