// @ts-check
// Fills a database with sessions, of which one in fifty is over; then looks some of them up, and sweeps what is over, when told.
import { execFileSync } from "node:child_process";
import { hash } from "node:crypto";
import { closeSync, fsyncSync, openSync } from "node:fs";
import path from "node:path";
import { performance } from "node:perf_hooks";
import Database from "libsql";
import { sqlite } from "latchkey/sqlite";
import { quantile } from "../figures.mjs";
import { openGate } from "../fixtures/gate.mjs";
import { importSource } from "./source.mjs";

const [file, countText] = /** @type {[string, string]} */ (process.argv.slice(2));
const count = Number(countText);
const samples = Math.min(1_000, count);

/** Rows that no cookie fits, in the same table; without a journal and with its indexes made last, else it takes hours. @param {number} rows */
function fill(rows) {
  if (rows <= 0) return;
  const database = new Database(file);
  for (const pragma of ["journal_mode = off", "synchronous = off", "cache_size = -2000000", "temp_store = memory"])
    database.exec(`pragma ${pragma}`);
  const indexes = /** @type {{ name: string, sql: string }[]} */ (
    database.prepare("select name, sql from sqlite_schema where type = 'index' and tbl_name = 'latchkey_session' and sql is not null").all()
  );
  for (const { name } of indexes) database.exec(`drop index ${name}`);
  const at = Date.now();
  database.exec(`insert into latchkey_session (id, digest, user_id, created_at, authenticated_at, last_seen_at, last_address, ends_at, expires_at,
      address, user_agent, acr, amr, revoked_at, data, data_version)
    with recursive number(n) as (select 1 union all select n + 1 from number where n < ${rows})
    select printf('ses_%026d', n), substr(hex(randomblob(22)), 1, 43), printf('usr_%026d', n % 100000), ${at}, ${at}, ${at}, '192.0.2.1',
      ${at} + (case when n % 50 = 0 then -n else n end) * 1000, ${at} + 2592000000, '192.0.2.1', 'Mozilla/5.0 (X11; Linux x86_64)', null, '["pwd"]', null, '{}', 0
      from number`);
  for (const { sql } of indexes) database.exec(sql);
  database.exec("pragma journal_mode = wal");
  database.close();
  // Or the kernel writes it out later, while something else is measured.
  const descriptor = openSync(file, "r+");
  fsyncSync(descriptor);
  closeSync(descriptor);
}

// By a process of its own: a file that is open elsewhere cannot be filled without a journal.
/** @type {string[]} */
const tokens = JSON.parse(
  execFileSync(process.execPath, [path.join(import.meta.dirname, "make-sessions.mjs"), file, String(samples)], { encoding: "utf8" }),
);
fill(count - tokens.length);
const auth = await openGate(path.dirname(file), { store: sqlite(file), cache: { entries: 1 } });
const store = sqlite(file);
const { sqlShelf, sweepAll } = await importSource("library/src/methods/session/index.ts");
const shelf = sqlShelf({ store, trail: undefined, change: undefined });
const digests = tokens.map((token) => hash("sha256", token, "base64url"));
const rule = auth.rule();
/** @param {string} token */
const view = (token) => ({
  method: "GET",
  target: "/",
  requestId: "bench",
  peerAddress: "127.0.0.1",
  encrypted: false,
  header: (/** @type {string} */ name) => (name === "cookie" ? `latchkey=${token}` : undefined),
  body: () => Promise.resolve(new Uint8Array()),
});

/** The median of single turns, in microseconds. @param {number} times @param {(index: number) => unknown} job */
async function middle(times, job) {
  const list = [];
  for (let index = 0; index < times; index += 1) {
    const startedAt = performance.now();
    await job(index % samples);
    list.push((performance.now() - startedAt) * 1_000);
  }
  return quantile(list, 0.5);
}

/** @param {number} index */
async function check(index) {
  const decision = await auth.check(view(/** @type {string} */ (tokens[index])), rule);
  if (!decision.allowed) throw new Error(`A session was refused: ${decision.refusal.code}.`);
}

/** @param {number} times */
async function lookUp(times) {
  const rowMicros = await middle(times, (index) => {
    if (shelf.find(digests[index]) === undefined) throw new Error("A session was not found.");
  });
  return { rowMicros, checkMicros: await middle(times, check) };
}

/** As the gate does it each minute, beside requests; and for how long nothing else could be done, beside the same without. */
async function sweep() {
  const quiet = await holds(() => new Promise((resolve) => setTimeout(() => resolve(0), 3_000)));
  return { quiet, swept: await holds(() => sweepAll(shelf, Date)) };
}

/** @param {() => Promise<number>} job */
async function holds(job) {
  /** @type {number[]} */
  const held = [];
  let last = performance.now();
  let running = true;
  const isRunning = () => running;
  const beat = () => {
    const now = performance.now();
    if (now - last > 0.2) held.push(now - last);
    last = now;
    if (running) setImmediate(beat);
  };
  setImmediate(beat);
  const requests = (async () => {
    const list = [];
    for (let index = 0; isRunning(); index = (index + 1) % samples) {
      const startedAt = performance.now();
      await check(index);
      list.push(performance.now() - startedAt);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return list;
  })();
  const startedAt = performance.now();
  const swept = await job();
  const tookMs = performance.now() - startedAt;
  running = false;
  const list = await requests;
  const figuresOf = (/** @type {number[]} */ values) => [0.5, 0.99, 1].map((share) => quantile(values, share));
  return { count: swept, tookMs, held: figuresOf(held), check: figuresOf(list) };
}

process.on("message", (/** @type {{ times?: number, sweep?: true }} */ order) => {
  void (order.sweep === true ? sweep() : lookUp(order.times ?? 1)).then((figures) => process.send?.(figures));
});
process.on("disconnect", () => process.exit());
process.send?.({ ready: true });
