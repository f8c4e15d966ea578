// @ts-check
// How the look-up of a session grows with their number, and what the sweep of those that are over holds up.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { median, spread, table, thousands } from "../figures.mjs";
import { startAnswering } from "../process/pinned.mjs";

/** @typedef {{ count: number, process: ReturnType<typeof startAnswering>, row: number[], check: number[] }} Filled */

export const part = {
  name: "sessions",
  title: "Sessions, by their number",
  about:
    "In one process over one SQLite file, 1,000 different sessions in turn, the median of single turns. Look-up: what finds a session by its digest. " +
    "Check: the whole road of a session that is not remembered, without HTTP. Then those that are over, one in fifty, are swept while requests come.",
  run,
};

/** @param {import("../run.mjs").Pace} pace */
async function run(pace) {
  const counts = pace.quick ? [1_000, 20_000] : [1_000, 1_000_000];
  const folder = mkdtempSync(path.join(tmpdir(), "latchkey-bench-"));
  /** @type {Filled[]} */
  const filled = [];
  try {
    for (const count of counts) {
      process.stderr.write(`sessions: making ${thousands(count)}\n`);
      const child = startAnswering("subject", [
        path.join(import.meta.dirname, "../process/session-rows.mjs"),
        path.join(folder, `${count}.db`),
        String(count),
      ]);
      await child.ask();
      filled.push({ count, process: child, row: [], check: [] });
    }
    // The first round is thrown away: it warms the caches.
    for (let round = 0; round <= pace.rounds; round += 1)
      for (const database of filled) {
        const figures = await database.process.ask({ times: pace.quick ? 100 : 3_000 });
        if (round === 0) continue;
        database.row.push(figures.rowMicros);
        database.check.push(figures.checkMicros);
      }
    const largest = /** @type {Filled} */ (filled.at(-1));
    const swept = await largest.process.ask({ sweep: true });
    const heads = ["sessions", "look-up p50, µs", "× the smallest", "check p50, µs", "× the smallest"];
    return [table(heads, filled.map(rowOf(filled))), describe(swept, largest.count)].join("\n\n");
  } finally {
    await Promise.all(filled.map((database) => database.process.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {readonly Filled[]} all */
function rowOf(all) {
  const [smallest] = /** @type {[Filled]} */ (/** @type {unknown} */ (all));
  const times = (/** @type {number[]} */ mine, /** @type {number[]} */ theirs) =>
    median(mine.map((value, round) => value / (theirs[round] ?? NaN))).toFixed(2);
  return (/** @type {Filled} */ { count, row, check }) => [
    thousands(count),
    spread(row),
    times(row, smallest.row),
    spread(check),
    times(check, smallest.check),
  ];
}

/** @typedef {{ count: number, tookMs: number, held: number[], check: number[] }} Holds */

/** @param {{ quiet: Holds, swept: Holds }} figures @param {number} of */
function describe({ quiet, swept }, of) {
  const row = (/** @type {string} */ name, /** @type {Holds} */ { held, check }) => [
    name,
    ...[...held, ...check].map((ms) => ms.toFixed(2)),
  ];
  const heads = ["", "held up p50, ms", "p99, ms", "most, ms", "a check p50, ms", "p99, ms", "most, ms"];
  return [
    `How long the event loop was held up at a time (by 0.2 ms or more), and how long a check took, of ${thousands(of)} sessions:`,
    table(heads, [
      row("without a sweep", quiet),
      row(`while ${thousands(swept.count)} are swept in ${(swept.tookMs / 1_000).toFixed(1)} s`, swept),
    ]),
  ].join("\n\n");
}
