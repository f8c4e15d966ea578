// @ts-check
// How long a revoked token is still let in by another process, and what a million revoked ones take.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { quantile, table, thousands } from "../figures.mjs";
import { startAnswering } from "../process/pinned.mjs";

export const part = {
  name: "revocations",
  title: "Revoked tokens",
  about:
    "Two processes on one database: one revokes a token, the other has it warm and is asked without a pause; from the moment at which the revocation is " +
    "acknowledged to the first refusal. Then a gate that starts on a database with a million revoked tokens, beside one with none: all in two lists, ten to a " +
    "block of 100,000 indexes, and each in a block of its own, which is the worst. Last the published status list of one million tokens, half of them revoked.",
  run,
};

const here = import.meta.dirname;

/** @param {import("../run.mjs").Pace} pace */
async function run(pace) {
  const times = pace.quick ? 5 : 300;
  const folder = mkdtempSync(path.join(tmpdir(), "latchkey-bench-"));
  try {
    const rows = [["SQLite", ...(await delays("sqlite", path.join(folder, "latchkey.db"), times))]];
    const url = postgresUrl();
    if (url !== undefined) rows.push(["PostgreSQL", ...(await withDatabase(url, (own) => delays("postgres", own, times)))]);
    const notes = url === undefined ? ["Left out: PostgreSQL (none on the standard port)."] : [];
    const heads = ["", "revocations", "p50, ms", "p99, ms", "slowest, ms"];
    return [table(heads, rows), ...notes, await memory(pace.quick ? 10_000 : 1_000_000)].join("\n\n");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {"sqlite" | "postgres"} kind @param {string} place @param {number} times @returns {Promise<string[]>} */
async function delays(kind, place, times) {
  const program = path.join(here, "../process/revocations.mjs");
  const revoker = startAnswering("load", [program, "revoke", kind, place]);
  await revoker.ask();
  const watcher = startAnswering("subject", [program, "watch", kind, place]);
  try {
    await watcher.ask();
    const { tokens } = await revoker.ask({ make: times });
    /** @type {number[]} */
    const list = [];
    for (const { token, id } of tokens) {
      const { refusal } = await watcher.ask({ warm: token });
      if (refusal !== undefined) throw new Error(`A token was refused before it was revoked: ${refusal}`);
      const watching = watcher.ask({ watch: token });
      await new Promise((resolve) => setTimeout(resolve, 2));
      const { revokedAt } = await revoker.ask({ revoke: id });
      list.push(Math.max(0, (await watching).refusedAt - revokedAt) / 1_000);
    }
    return [thousands(times), ...[0.5, 0.99, 1].map((share) => quantile(list, share).toFixed(2))];
  } finally {
    await Promise.all([revoker.stop(), watcher.stop()]);
  }
}

/** @param {number} count */
async function memory(count) {
  /** @type {Record<string, any>} */
  const found = {};
  for (const how of ["none", "dense", "sparse", "scattered"]) {
    const child = startAnswering("subject", [
      path.join(here, "../process/revoked-tokens.mjs"),
      how,
      String(how === "dense" ? count / 2 : count),
    ]);
    found[how] = await child.ask();
    await child.stop();
  }
  const row = (/** @type {string} */ name, /** @type {string} */ how) => [
    name,
    found[how].used.toFixed(1),
    (found[how].used - found.none.used).toFixed(1),
    found[how].megabytes.toFixed(0),
  ];
  const { publishedMs, bytes, unpackedMs, checkMicros } = found.dense;
  return [
    table(
      ["a gate with", "heap and buffers, MB", "more than without", "resident MB after the start"],
      [
        row("no revoked token", "none"),
        row(`${thousands(count / 2)} of one million, at random`, "dense"),
        row(`${thousands(count)}, ten to a block`, "sparse"),
        row(`${thousands(count)}, each in its own block`, "scattered"),
      ],
    ),
    `The list of a million tokens, half of them revoked, at random, was built and signed in **${publishedMs.toFixed(0)} ms** (${thousands(bytes / 1024)} KiB), ` +
      `unpacked in ${unpackedMs.toFixed(1)} ms, and asked of one token in **${checkMicros.toFixed(3)} µs**.`,
  ].join("\n\n");
}

/** Where PostgreSQL is, if it is. */
function postgresUrl() {
  for (const url of [process.env.LATCHKEY_TEST_DATABASE_URL, "postgres://postgres@127.0.0.1:5432/postgres"]) {
    if (url === undefined) continue;
    try {
      sql(url, "select 1");
      return url;
    } catch {
      continue;
    }
  }
  return undefined;
}

/** @template T @param {string} url @param {(own: string) => Promise<T>} job in a database of its own @returns {Promise<T>} */
async function withDatabase(url, job) {
  const name = `latchkey_bench_${process.pid}`;
  sql(url, `create database ${name}`);
  try {
    const own = new URL(url);
    own.pathname = `/${name}`;
    return await job(own.href);
  } finally {
    sql(url, `drop database if exists ${name} with (force)`);
  }
}

/** @param {string} url @param {string} text */
function sql(url, text) {
  const program = `import pg from "pg"; const client = new pg.Client({ connectionString: process.argv[1], connectionTimeoutMillis: 2000 });
    await client.connect(); await client.query(process.argv[2]); await client.end();`;
  execFileSync(process.execPath, ["--input-type=module", "--eval", program, url, text], {
    cwd: path.resolve(here, "../.."),
    stdio: "pipe",
  });
}
