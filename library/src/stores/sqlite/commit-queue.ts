import { Fault } from "../../contracts/index.ts";
import { asFault, isBusy } from "./errors.ts";
import type { SqliteHandle } from "./driver.ts";

interface Waiting {
  readonly run: () => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

const mostWaiting = 10_000;
const mostTogether = 200;
const busyForMs = 5_000;

/**
 * Group commit: jobs that wait at the same time share one transaction and one fsync, and each is answered after the
 * commit. A job that throws is rolled back to its own savepoint and fails alone.
 */
export interface CommitQueue {
  add<Result>(run: () => Promise<Result>): Promise<Result>;
  /** Resolves when everything that was added is durable; nothing can be added any more. */
  close(): Promise<void>;
}

export function createCommitQueue(writer: SqliteHandle): CommitQueue {
  let waiting: Waiting[] = [];
  let running: Promise<void> | undefined;
  let closed = false;

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, mostTogether);
      waiting = waiting.slice(mostTogether);
      await commit(batch);
      // Requests come first: a batch never follows a batch without a turn of the event loop.
      await new Promise((resume) => setImmediate(resume));
    }
    running = undefined;
  }

  async function commit(batch: readonly Waiting[]): Promise<void> {
    const answers: (() => void)[] = [];
    try {
      await begin(writer);
      for (const job of batch) answers.push(await runOne(writer, job));
      writer.exec("commit");
    } catch (error) {
      rollback(writer);
      for (const job of batch) job.reject(asFault(error));
      return;
    }
    for (const answer of answers) answer();
  }

  return {
    add<Result>(run: () => Promise<Result>) {
      if (closed) return Promise.reject(new Fault("LATCHKEY_CLOSED", "The store is closed."));
      if (waiting.length >= mostWaiting)
        return Promise.reject(new Fault("LATCHKEY_STORE_BUSY", `${mostWaiting} writes are waiting already.`));
      return new Promise<Result>((resolve, reject) => {
        waiting.push({ run, resolve: resolve as (value: unknown) => void, reject });
        running ??= new Promise<void>((resume) => setImmediate(resume)).then(drain);
      });
    },
    async close() {
      closed = true;
      await running;
    },
  };
}

async function runOne(writer: SqliteHandle, job: Waiting): Promise<() => void> {
  writer.exec("savepoint job");
  try {
    const value = await job.run();
    writer.exec("release job");
    return () => job.resolve(value);
  } catch (error) {
    writer.exec("rollback to job");
    writer.exec("release job");
    return () => job.reject(asFault(error));
  }
}

/** Another process may be writing: waits for it without blocking this one. */
async function begin(writer: SqliteHandle): Promise<void> {
  for (let waitedMs = 0; ;) {
    try {
      writer.exec("begin immediate");
      return;
    } catch (error) {
      if (!isBusy(error) || waitedMs >= busyForMs) throw error;
      const pauseMs = Math.min(5 + waitedMs / 4, 100);
      waitedMs += pauseMs + 50;
      await new Promise((resume) => setTimeout(resume, pauseMs));
    }
  }
}

function rollback(writer: SqliteHandle): void {
  try {
    writer.exec("rollback");
  } catch {
    // There was no transaction left to undo: the failed commit ended it.
  }
}
