import { createRequire } from "node:module";
import type { Worker } from "node:worker_threads";
import { Fault } from "../../contracts/index.ts";

/** Says whether a password is among those that are tried first. */
export interface Strength {
  /** Rejects with a Fault when too many wait. */
  isCommon(password: string): Promise<boolean>;
}

/** A strong beginning is enough. */
const looksAt = 32;

/** Below a million guesses, by the library's estimate: the 49,000 common passwords, and what is as easy as those. */
const leastScore = 2;

/** At three milliseconds each, the last one waits a fifth of a second. */
const mostWaiting = 64;

/** Then the lists (23 MB) are let go of: most processes see a new password now and then only. */
const keptMs = 60_000;

/**
 * In a thread of its own: to read the word lists takes a third of a second, and to judge a password milliseconds, for which
 * no request could be answered. It begins with the first new password, and ends when none came for a minute.
 */
export function createStrength(): Strength {
  return { isCommon: async (password) => (await scoreOf(password.slice(0, looksAt))) < leastScore };
}

interface Estimator {
  readonly worker: Worker;
  readonly waiting: Map<number, { resolve(score: number): void; reject(error: unknown): void }>;
  idle: NodeJS.Timeout | undefined;
}

// One for the process, as the binaries of the hashes are: the lists are the same for every gate.
let shared: Estimator | undefined;
let asked = 0;

function scoreOf(password: string): Promise<number> {
  shared ??= startEstimator();
  const { worker, waiting, idle } = shared;
  if (waiting.size >= mostWaiting) {
    return Promise.reject(new Fault("LATCHKEY_PASSWORD_QUEUE_FULL", `${waiting.size} new passwords are waiting to be judged.`));
  }
  clearTimeout(idle);
  // Whoever waits for an answer keeps the process; the thread by itself does not.
  worker.ref();
  return new Promise((resolve, reject) => {
    const id = (asked += 1);
    waiting.set(id, { resolve, reject });
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- A thread, not a window: it has no origin.
    worker.postMessage({ id, password });
  });
}

function startEstimator(): Estimator {
  const require = createRequire(import.meta.url);
  const packages = { core: require.resolve("@zxcvbn-ts/core"), language: require.resolve("@zxcvbn-ts/language-common"), looksAt };
  const threads = process.getBuiltinModule("node:worker_threads");
  const worker = new threads.Worker(program, { eval: true, workerData: packages, execArgv: [], env: {} });
  const estimator: Estimator = { worker, waiting: new Map(), idle: undefined };
  worker.unref();
  worker.on("message", ({ id, score }: { readonly id: number; readonly score: number }) => {
    estimator.waiting.get(id)?.resolve(score);
    estimator.waiting.delete(id);
    if (estimator.waiting.size > 0) return;
    worker.unref();
    estimator.idle = setTimeout(() => end(estimator), keptMs).unref();
  });
  let cause: unknown;
  worker.on("error", (error) => (cause = error));
  worker.on("exit", () => {
    if (shared === estimator) shared = undefined;
    for (const { reject } of estimator.waiting.values()) reject(new Error("The thread that judges new passwords has ended.", { cause }));
  });
  return estimator;
}

/** Who asks from now on gets a new one. */
function end(estimator: Estimator): void {
  if (shared === estimator) shared = undefined;
  void estimator.worker.terminate();
}

/** What the thread runs: a text, so that it needs no file beside the bundle. */
const program = `
const { parentPort, workerData: { core, language, looksAt } } = require("node:worker_threads");
const { ZxcvbnFactory } = require(core);
const { dictionary, adjacencyGraphs: graphs } = require(language);
const estimator = new ZxcvbnFactory({ dictionary, graphs, maxLength: looksAt });
parentPort.on("message", ({ id, password }) => parentPort.postMessage({ id, score: estimator.check(password).score }));
`;
