import { Fault } from "../../contracts/index.ts";
import { asFault, isBusy } from "./errors.ts";
import type { SqliteHandle } from "./driver.ts";

interface Waiting {
  readonly run: () => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** A job of a transaction, and what it will be told once that is durable. */
interface Ended {
  readonly job: Waiting;
  readonly answer: () => void;
}

const mostWaiting = 10_000;
const mostTogether = 200;
/** While the disk works, so many jobs gather before a transaction is made: each costs as much as several small writes. */
const mostGathered = 64;
/** While each turn of the event loop brings one more job, a transaction waits for it, but not longer than this. */
const longestGatherMs = 3;
/** A transaction does not grow beyond this: its jobs hold the event loop. */
const longestMs = 10;
const busyForMs = 5_000;

/**
 * Group commit: jobs that wait at the same time share one transaction and one sync, and each is answered after both. When one
 * of them throws, all are rolled back and run again, each in a savepoint of its own, so that it fails alone: that happens
 * seldom, and savepoints for everybody would cost a third of a small write. While the disk works, the event loop is free, and
 * what comes meanwhile gathers for the next transaction: it could not be answered before the next sync anyhow.
 */
export interface CommitQueue {
  add<Result>(run: () => Promise<Result>): Promise<Result>;
  /** Whether the writer is in a transaction, in which it sees what nobody may see yet. */
  isWriting(): boolean;
  /** Resolves when everything that was added is durable; nothing can be added any more. */
  close(): Promise<void>;
}

/** What a queue of commits stands on. */
interface CommitQueueParts {
  readonly writer: SqliteHandle;
  /** Called before each try to begin: the writer must be in no other transaction. */
  readonly endReads: () => void;
  /** Makes durable what was committed before the call. */
  readonly sync: () => Promise<void>;
  /** What the next transaction must wait for, if anything. */
  readonly room: () => Promise<void> | undefined;
}

export function createCommitQueue({ writer, endReads, sync, room }: CommitQueueParts): CommitQueue {
  let waiting: Waiting[] = [];
  let running: Promise<void> | undefined;
  /** Committed, and waiting for a sync that begins after its commit. */
  let unsynced: Ended[] = [];
  let syncing: Promise<void> | undefined;
  let closed = false;
  let writing = false;

  /** Begins to commit once a turn of the event loop brought nothing more, if there is something to commit, and nothing to wait for. */
  function start(): void {
    if (isDue()) running ??= drain();
  }

  const isDue = (): boolean => waiting.length >= (syncing === undefined ? 1 : mostGathered);

  /** Many requests are read in turns that follow each other: a transaction and a sync for each would cost more than their jobs. */
  async function gather(): Promise<void> {
    const began = performance.now();
    // The rest of this turn, and then one turn after the other.
    await nextTurn();
    for (let before = 0; waiting.length > before && waiting.length < mostGathered && performance.now() - began < longestGatherMs;) {
      before = waiting.length;
      await nextTurn();
    }
  }

  async function drain(): Promise<void> {
    while (isDue()) {
      // Requests come first: a batch never follows a batch without a turn of the event loop.
      await gather();
      const held = room();
      if (held !== undefined) await held;
      await commitTogether();
    }
    running = undefined;
  }

  async function commitTogether(): Promise<void> {
    let taken = 0;
    const ended: Ended[] = [];
    try {
      await begin();
      const began = performance.now();
      while (taken < waiting.length && taken < mostTogether && (taken === 0 || performance.now() - began < longestMs)) {
        taken += 1;
        ended.push(await runOne(waiting[taken - 1]!));
      }
      commit();
    } catch (error) {
      rollback();
      if (error instanceof JobFailed && taken > 1) return commitApart(taken);
      // At least the first: when not even a transaction can be begun, those behind it try for themselves.
      for (const job of take(Math.max(taken, 1))) job.reject(asFault(error instanceof JobFailed ? error.cause : error));
      return;
    }
    answerWhenSynced(taken, ended);
  }

  /** The same for jobs of which one has failed: the others must not suffer for it. */
  async function commitApart(count: number): Promise<void> {
    const ended: Ended[] = [];
    try {
      await begin();
      for (const job of waiting.slice(0, count)) ended.push(await runApart(writer, job));
      commit();
    } catch (error) {
      rollback();
      for (const job of take(count)) job.reject(asFault(error));
      return;
    }
    answerWhenSynced(count, ended);
  }

  /** Another process may be writing: waits for it without blocking this one. */
  async function begin(): Promise<void> {
    for (let waitedMs = 0; ;) {
      try {
        endReads();
        writer.exec("begin immediate");
        writing = true;
        return;
      } catch (error) {
        if (!isBusy(error) || waitedMs >= busyForMs) throw error;
        const pauseMs = Math.min(5 + waitedMs / 4, 100);
        waitedMs += pauseMs + 50;
        await new Promise((resume) => setTimeout(resume, pauseMs));
      }
    }
  }

  function commit(): void {
    writer.exec("commit");
    writing = false;
  }

  function rollback(): void {
    try {
      writer.exec("rollback");
    } catch {
      // There was no transaction left to undo: the failed commit ended it.
    }
    writing = false;
  }

  function answerWhenSynced(count: number, ended: readonly Ended[]): void {
    take(count);
    unsynced.push(...ended);
    syncing ??= syncAll();
  }

  /** One sync after the other, each for all that was committed before it; meanwhile the next transaction is made. */
  async function syncAll(): Promise<void> {
    while (unsynced.length > 0) {
      const covered = unsynced;
      unsynced = [];
      try {
        await sync();
        for (const { answer } of covered) answer();
      } catch (error) {
        for (const { job } of covered) job.reject(error);
      }
    }
    syncing = undefined;
    start();
  }

  function take(count: number): readonly Waiting[] {
    const taken = waiting.slice(0, count);
    waiting = waiting.slice(count);
    return taken;
  }

  return {
    add<Result>(run: () => Promise<Result>) {
      if (closed) return Promise.reject(new Fault("LATCHKEY_CLOSED", "The store is closed."));
      if (waiting.length >= mostWaiting)
        return Promise.reject(new Fault("LATCHKEY_STORE_BUSY", `${mostWaiting} writes are waiting already.`));
      return new Promise<Result>((resolve, reject) => {
        waiting.push({ run, resolve: resolve as (value: unknown) => void, reject });
        start();
      });
    },
    isWriting: () => writing,
    async close() {
      closed = true;
      for (let busy = running ?? syncing; busy !== undefined; busy = running ?? syncing) await busy;
    },
  };
}

const nextTurn = (): Promise<void> => new Promise((resume) => setImmediate(resume));

/** What a job threw, told from what the transaction around it does. */
class JobFailed extends Error {}

async function runOne(job: Waiting): Promise<Ended> {
  try {
    const value = await job.run();
    return { job, answer: () => job.resolve(value) };
  } catch (cause) {
    throw new JobFailed("A job of a transaction failed.", { cause });
  }
}

async function runApart(writer: SqliteHandle, job: Waiting): Promise<Ended> {
  writer.exec("savepoint job");
  try {
    const value = await job.run();
    writer.exec("release job");
    return { job, answer: () => job.resolve(value) };
  } catch (error) {
    writer.exec("rollback to job");
    writer.exec("release job");
    return { job, answer: () => job.reject(asFault(error)) };
  }
}
