// @ts-check
// Child processes that each keep to one core, so that load and server do not take turns on the same one.
import { spawn, spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";

const canPin = availableParallelism() > 1 && spawnSync("taskset", ["-V"]).error === undefined;

/** Where the subject runs, and where the load comes from. */
export const cores = canPin ? { subject: "0", load: "1" } : undefined;

/** @typedef {import("node:child_process").ChildProcess} ChildProcess */

/**
 * Starts a Node program on the core of its role; `anywhere`: on all of them.
 * @param {"subject" | "load" | "anywhere"} role @param {readonly string[]} argv what stands after `node`
 * @param {import("node:child_process").SpawnOptions} options @returns {ChildProcess}
 */
export function startPinned(role, argv, options = {}) {
  return startProgram(role, [process.execPath, ...argv], options);
}

/** The same for any program. @param {"subject" | "load" | "anywhere"} role @param {readonly string[]} argv @param {import("node:child_process").SpawnOptions} options */
export function startProgram(role, argv, options = {}) {
  const command = cores === undefined || role === "anywhere" ? argv : ["taskset", "-c", cores[role], ...argv];
  return spawn(/** @type {string} */ (command[0]), command.slice(1), { stdio: ["ignore", "ignore", "inherit"], ...options });
}

/**
 * A child that answers each message by one message, in order.
 * @param {"subject" | "load" | "anywhere"} role @param {readonly string[]} argv
 */
export function startAnswering(role, argv) {
  const child = startPinned(role, argv, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  /** @type {{ resolve: (answer: any) => void, reject: (error: Error) => void }[]} */
  const waiting = [];
  /** What it said before anybody asked. @type {unknown[]} */
  const early = [];
  child.on("message", (answer) => {
    const asker = waiting.shift();
    if (asker === undefined) early.push(answer);
    else asker.resolve(answer);
  });
  child.on("exit", (code) => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`${argv.slice(1).join(" ")} ended with ${code}.`));
  });
  return {
    child,
    /** @param {unknown} [message] none: waits for what the child says of its own accord @returns {Promise<any>} */
    ask(message) {
      return new Promise((resolve, reject) => {
        if (child.exitCode !== null) return reject(new Error(`${argv.slice(1).join(" ")} has ended.`));
        if (message === undefined && early.length > 0) return resolve(early.shift());
        waiting.push({ resolve, reject });
        if (message !== undefined) child.send(/** @type {import("node:child_process").Serializable} */ (message));
      });
    },
    /** By closing the channel, so that it can clean up; after two seconds by force. */
    stop() {
      if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
      return new Promise((resolve) => {
        const force = setTimeout(() => child.kill("SIGKILL"), 2_000);
        child.once("exit", () => {
          clearTimeout(force);
          resolve(undefined);
        });
        child.disconnect();
      });
    },
  };
}
