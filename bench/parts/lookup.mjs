// @ts-check
// How the look-up of a key grows with the number of keys. The rows are made in bulk; a few of them are real keys.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { median, spread, table, thousands } from "../figures.mjs";
import { startAnswering } from "../process/pinned.mjs";

/** @typedef {{ count: number, file: string, megabytes: number, process: ReturnType<typeof startAnswering>, row: number[], check: number[] }} Filled */

export const part = {
  name: "lookup",
  title: "Look-up of a key, by the number of keys",
  about:
    "In one process over one SQLite file, 1,000 different keys in turn. Look-up: the prepared statement by which the gate finds a key. Check: " +
    "the whole road of a key that is not remembered, without HTTP.",
  run: (/** @type {import("../run.mjs").Pace} */ pace) => compareSizes(pace.quick ? [1_000] : [1_000, 100_000], pace),
};

/** @param {readonly number[]} counts @param {import("../run.mjs").Pace} pace @returns {Promise<string>} */
export async function compareSizes(counts, pace) {
  const folder = mkdtempSync(path.join(tmpdir(), "latchkey-bench-"));
  /** @type {Filled[]} */
  const filled = [];
  try {
    for (const count of counts) {
      const file = path.join(folder, `${count}.db`);
      process.stderr.write(`lookup: making ${thousands(count)} keys\n`);
      const child = startAnswering("subject", [path.join(import.meta.dirname, "../process/lookups.mjs"), file, String(count)]);
      await child.ask();
      filled.push({ count, file, megabytes: sizeOf(file), process: child, row: [], check: [] });
    }
    // Interleaved, and the first round is thrown away: it warms the caches of the database, the kernel and the engine.
    for (let round = 0; round <= pace.rounds; round += 1) {
      for (const database of filled) {
        const figures = await database.process.ask({ times: pace.quick ? 100 : 5_000 });
        if (round === 0) continue;
        database.row.push(figures.rowMicros);
        database.check.push(figures.checkMicros);
      }
    }
  } finally {
    await Promise.all(filled.map((database) => database.process.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
  return table(["keys", "look-up, CPU µs", "× the smallest", "check, CPU µs", "× the smallest", "database, MB"], filled.map(rowOf(filled)));
}

/** The file and its log. @param {string} file */
function sizeOf(file) {
  return [file, `${file}-wal`].reduce((sum, name) => sum + (statSync(name, { throwIfNoEntry: false })?.size ?? 0), 0) / 2 ** 20;
}

/** @param {readonly Filled[]} all */
function rowOf(all) {
  const [smallest] = /** @type {[Filled]} */ (/** @type {unknown} */ (all));
  const times = (/** @type {number[]} */ mine, /** @type {number[]} */ theirs) =>
    median(mine.map((value, round) => value / (theirs[round] ?? NaN))).toFixed(2);
  return (/** @type {Filled} */ { count, row, check, megabytes }) => [
    thousands(count),
    spread(row),
    times(row, smallest.row),
    spread(check),
    times(check, smallest.check),
    megabytes.toFixed(1),
  ];
}
