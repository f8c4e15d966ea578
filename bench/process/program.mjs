// @ts-check
// A program that listens, started as its users start it, until its first answer.
import { request } from "node:http";
import { freePort } from "../fixtures/server.mjs";

/** @typedef {{ path: string, headers?: Record<string, string> }} Asked */

/**
 * @param {(port: number) => import("node:child_process").ChildProcess} spawn @param {Asked} asked
 * @returns the process, and how long it took to answer 200
 */
export async function startUntilAnswered(spawn, asked) {
  const port = await freePort();
  const startedAt = performance.now();
  const child = spawn(port);
  while ((await answerOf(port, asked)) !== 200) {
    if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode} before it answered.`);
    if (performance.now() - startedAt > 30_000) throw new Error("It did not answer within 30 s.");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const wallMs = performance.now() - startedAt;
  const stop = () =>
    new Promise((resolve) => {
      child.once("exit", resolve);
      child.kill("SIGKILL");
    });
  return { port, pid: /** @type {number} */ (child.pid), wallMs, stop };
}

/** Undefined: nobody listens yet. @param {number} port @param {Asked} asked @returns {Promise<number | undefined>} */
function answerOf(port, { path, headers = {} }) {
  return new Promise((resolve) => {
    const sent = request({ port, host: "127.0.0.1", path, headers, agent: false }, (answer) => {
      answer.resume();
      answer.once("end", () => resolve(answer.statusCode));
    });
    sent.once("error", () => resolve(undefined));
    sent.end();
  });
}
