// @ts-check
// Resident memory of the server under a long run of guarded requests.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { table, thousands } from "../figures.mjs";
import { makeData, spawnServer } from "../fixtures/server.mjs";
import { startAnswering } from "../process/pinned.mjs";
import { spentBy } from "../process/proc.mjs";
import { startUntilAnswered } from "../process/program.mjs";

export const part = {
  name: "memory",
  title: "Resident memory",
  about: "`latchkey serve`, `GET /whoami` with one key, 32 connections. What is wanted is that it stays flat from a million on.",
  run,
};

/** @param {import("../run.mjs").Pace} pace @returns {Promise<string>} */
async function run(pace) {
  const step = pace.quick ? 500 : 250_000;
  const steps = pace.quick ? 2 : pace.large ? 12 : 6;
  const folder = mkdtempSync(path.join(tmpdir(), "latchkey-bench-"));
  const load = startAnswering("load", [path.join(import.meta.dirname, "../process/load.mjs")]);
  try {
    const { asked } = await makeData(folder);
    const server = await startUntilAnswered(spawnServer(folder), asked);
    try {
      await load.ask({ aim: { target: "server", port: server.port, requests: [asked] } });
      const rows = [["1", spentBy(server.pid).megabytes.toFixed(0)]];
      for (let done = 1; done <= steps; done += 1) {
        const fired = await load.ask({ fire: { target: "server", connections: 32, count: step } });
        if (fired.wrong > 0) throw new Error(`${fired.wrong} answers were not 200. The first:\n${fired.firstWrong}`);
        rows.push([thousands(done * step), spentBy(server.pid).megabytes.toFixed(0)]);
        process.stderr.write(`\rmemory: ${done} of ${steps} `);
      }
      process.stderr.write("\n");
      return table(["guarded requests", "resident MB"], rows);
    } finally {
      await server.stop();
    }
  } finally {
    await load.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
