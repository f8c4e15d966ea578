// @ts-check
// From the start of the process to its first answer, on a database that exists; and the memory then.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { median, spread, table } from "../figures.mjs";
import { makeData, spawnServer } from "../fixtures/server.mjs";
import { startPinned } from "../process/pinned.mjs";
import { spentBy } from "../process/proc.mjs";
import { startUntilAnswered } from "../process/program.mjs";

/** @typedef {{ wallMs: number, cpuMs: number, megabytes: number }} Started */

export const part = {
  name: "start",
  title: "From process start to the first answer",
  about:
    "`latchkey serve` on a database that exists, until `GET /whoami` with a key is answered 200; beside it a program that only answers a fixed " +
    "text with node:http. Not `npm start`, which looks first whether a build is stale. CPU: all threads, user and system.",
  run,
};

const bareProgram = path.join(import.meta.dirname, "../process/bare-program.mjs");

/** @param {number} port */
const spawnBare = (port) => startPinned("subject", [bareProgram], { env: { ...process.env, PORT: String(port) } });

/** @param {import("../run.mjs").Pace} pace @returns {Promise<string>} */
async function run(pace) {
  const folder = mkdtempSync(path.join(tmpdir(), "latchkey-bench-"));
  try {
    const { asked } = await makeData(folder);
    /** @type {Started[]} */
    const bare = [];
    /** @type {Started[]} */
    const server = [];
    for (let round = 0; round < (pace.quick ? 1 : 15); round += 1) {
      bare.push(await startOnce(spawnBare, { path: "/" }));
      server.push(await startOnce(spawnServer(folder), asked));
    }
    return table(
      ["", "wall, ms", "× bare", "CPU ms", "× bare", "resident MB"],
      [rowOf("node:http, bare", bare, bare), rowOf("latchkey serve", server, bare)],
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {(port: number) => import("node:child_process").ChildProcess} spawn @param {import("../process/program.mjs").Asked} asked @returns {Promise<Started>} */
async function startOnce(spawn, asked) {
  const { pid, wallMs, stop } = await startUntilAnswered(spawn, asked);
  const spent = spentBy(pid);
  await stop();
  return { wallMs, ...spent };
}

/** @param {string} name @param {readonly Started[]} mine @param {readonly Started[]} theirs */
function rowOf(name, mine, theirs) {
  const times = (/** @type {"wallMs" | "cpuMs"} */ what) =>
    median(mine.map((one, round) => one[what] / (theirs[round]?.[what] ?? NaN))).toFixed(2);
  const of = (/** @type {keyof Started} */ what) =>
    spread(
      mine.map((one) => one[what]),
      0,
    );
  return [name, of("wallMs"), times("wallMs"), of("cpuMs"), times("cpuMs"), of("megabytes")];
}
