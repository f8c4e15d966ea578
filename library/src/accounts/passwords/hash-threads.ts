import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import type { Worker } from "node:worker_threads";
import { nativeArgon2 } from "./native.ts";
import { inThreadPool } from "./thread-pool.ts";

type Argon2 = ReturnType<typeof nativeArgon2>;
type Work = "hash" | "verify";

interface Job {
  readonly name: Work;
  readonly words: readonly unknown[];
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

interface HashThread {
  readonly worker: Worker;
  /** Those that it was given, the oldest of which it does. */
  readonly jobs: Map<number, Job>;
}

type Answer = { readonly id: number; readonly value: unknown } | { readonly id: number; readonly message: string };

/** Then the threads go, and the nine megabytes that each takes: to start one again takes as long as two hashes. */
const keptMs = 300_000;

/**
 * How far below the event loop: a tenth of its share where both want the same core, so that who asks for something small
 * need not wait for a hash. No further, or a busy neighbour on the same machine would leave nothing for sign-ins.
 */
const niceness = 10;

// One set for the process, as the binaries are: the cores are the same for every gate.
const threads = new Set<HashThread>();
let idle: NodeJS.Timeout | undefined;
let given = 0;
let lost = false;

/**
 * argon2 in threads of its own, as many as there are cores, started as they are needed. In the thread pool of Node a hash
 * would have the priority of the event loop, which on a busy core waits for milliseconds until it may answer somebody
 * else, and would stand before the syncs of the log. Where a thread cannot be started the pool does it.
 */
export function argon2InThread<Name extends Work>(name: Name, ...words: Parameters<Argon2[Name]>): ReturnType<Argon2[Name]> {
  const thread = leastBusy();
  const done = new Promise((resolve, reject) => {
    const job: Job = { name, words, resolve, reject };
    if (thread === undefined) inPool(job);
    else hand(thread, job);
  });
  return done as ReturnType<Argon2[Name]>;
}

function inPool({ name, words, resolve, reject }: Job): void {
  const compute = nativeArgon2()[name] as (...all: readonly unknown[]) => Promise<unknown>;
  inThreadPool(() => compute(...words)).then(resolve, reject);
}

function hand({ worker, jobs }: HashThread, job: Job): void {
  // Whoever waits for an answer keeps the process; the thread by itself does not.
  if (jobs.size === 0) worker.ref();
  jobs.set((given += 1), job);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- A thread, not a window: it has no origin.
  worker.postMessage({ id: given, name: job.name, words: job.words });
  if (idle === undefined) idle = setTimeout(endAll, keptMs).unref();
  else idle.refresh();
}

function leastBusy(): HashThread | undefined {
  let least: HashThread | undefined;
  for (const thread of threads) {
    if (thread.jobs.size === 0) return thread;
    if (least === undefined || thread.jobs.size < least.jobs.size) least = thread;
  }
  return lost || threads.size >= availableParallelism() ? least : (start() ?? least);
}

function start(): HashThread | undefined {
  try {
    const workerData = { path: createRequire(import.meta.url).resolve("@node-rs/argon2"), niceness };
    const { Worker: Thread } = process.getBuiltinModule("node:worker_threads");
    const thread: HashThread = { worker: new Thread(program, { eval: true, workerData, execArgv: [], env: {} }), jobs: new Map() };
    threads.add(thread);
    listen(thread);
    return thread;
  } catch {
    // A process that may have no threads (Node's permissions).
    lost = true;
    return undefined;
  }
}

function listen(thread: HashThread): void {
  const { worker, jobs } = thread;
  worker.unref();
  worker.on("message", (answer: Answer) => {
    const job = jobs.get(answer.id);
    jobs.delete(answer.id);
    if (jobs.size === 0) worker.unref();
    if ("message" in answer) job?.reject(new Error(answer.message));
    else job?.resolve(answer.value);
  });
  // Or it would end the process; the exit follows.
  worker.on("error", () => undefined);
  worker.on("exit", () => {
    // Not by us: the pool does what it left, and what comes.
    if (threads.delete(thread)) lost = true;
    for (const job of jobs.values()) inPool(job);
  });
}

/** Nothing was asked of any of them for so long. */
function endAll(): void {
  idle = undefined;
  for (const thread of threads) {
    threads.delete(thread);
    void thread.worker.terminate();
  }
}

/** What a thread runs: a text, so that it needs no file beside the bundle. On Linux a priority is that of one thread; elsewhere of all. */
const program = `
const { parentPort, workerData: { path, niceness } } = require("node:worker_threads");
const argon2 = require(path);
if (process.platform === "linux") {
  const { getPriority, setPriority } = require("node:os");
  try {
    setPriority(Math.min(getPriority() + niceness, 19));
  } catch {}
}
parentPort.on("message", ({ id, name, words }) => {
  let answer;
  try {
    answer = { id, value: argon2[name + "Sync"](...words) };
  } catch (error) {
    answer = { id, message: String(error?.message ?? error) };
  }
  parentPort.postMessage(answer);
});
`;
