// @ts-check
// Fills a database with keys, then looks some of them up when told, and says what that cost.
import { execFileSync } from "node:child_process";
import { hash } from "node:crypto";
import path from "node:path";
import Database from "libsql";
import { sqlite } from "latchkey/sqlite";
import { openGate } from "../fixtures/gate.mjs";

const [file, countText] = /** @type {[string, string]} */ (process.argv.slice(2));
const count = Number(countText);
const samples = Math.min(1_000, count);

// By a process of its own: a file that is open elsewhere cannot be filled without a journal.
/** @type {string[]} */
const keys = JSON.parse(
  execFileSync(process.execPath, [path.join(import.meta.dirname, "issue-keys.mjs"), file, String(samples)], { encoding: "utf8" }),
);
fill(count - keys.length);

/** Rows that no key fits, in the same tables; in one sorted insert a table and without a journal, else it takes hours. @param {number} rows */
function fill(rows) {
  if (rows <= 0) return;
  const database = new Database(file);
  for (const pragma of ["journal_mode = off", "synchronous = off", "cache_size = -2000000", "temp_store = memory"])
    database.exec(`pragma ${pragma}`);
  const numbers = `with recursive number(n) as (select 1 union all select n + 1 from number where n < ${rows})`;
  // UUIDv7 ids come in the order of time; digests in no order at all, so these are sorted before they are put in.
  database.exec(`insert into latchkey_api_key (id, name, owner_kind, owner_id, scopes, roles, created_at)
    ${numbers} select printf('key_%026d', n), 'bench', 'service', printf('key_%026d', n), '["posts:read"]', '[]', 0 from number`);
  database.exec(`insert into latchkey_api_key_secret (digest, key_id, hint, created_at)
    ${numbers} select substr(hex(randomblob(22)), 1, 43) as digest, printf('key_%026d', n), 'lk_live_…abcd', 0 from number order by digest`);
  database.exec("pragma journal_mode = wal");
  database.close();
}

const auth = await openGate(path.dirname(file), { store: sqlite(file), cache: { entries: 1 } });
const store = sqlite(file);
// The same statement as the gate's own, read from its table.ts; it is not on the public face.
const find = store.prepare(
  /** @type {any} */ ({
    compile: () => ({
      sql: `select "latchkey_api_key".*, "latchkey_api_key_secret"."ends_at" from "latchkey_api_key_secret"
      inner join "latchkey_api_key" on "latchkey_api_key"."id" = "latchkey_api_key_secret"."key_id" where "latchkey_api_key_secret"."digest" = ?`,
    }),
  }),
);
const digests = keys.map((key) => hash("sha256", key, "base64url"));
const rule = auth.rule();
/** @param {string} key */
const view = (key) => ({
  method: "GET",
  target: "/",
  requestId: "bench",
  peerAddress: "127.0.0.1",
  encrypted: false,
  header: (/** @type {string} */ name) => (name === "x-api-key" ? key : undefined),
  body: () => Promise.resolve(new Uint8Array()),
});

/** CPU microseconds of this process for one turn of `job`. @param {number} times @param {(index: number) => unknown} job */
async function cost(times, job) {
  const before = process.cpuUsage();
  for (let index = 0; index < times; index += 1) await job(index % samples);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / times;
}

/** @param {{ times: number }} order */
async function measure({ times }) {
  const rowMicros = await cost(times, (index) => {
    if (/** @type {readonly unknown[]} */ (find(/** @type {string} */ (digests[index]))).length !== 1)
      throw new Error("A key was not found.");
  });
  const checkMicros = await cost(times, async (index) => {
    const decision = await auth.check(view(/** @type {string} */ (keys[index])), rule);
    if (!decision.allowed) throw new Error(`A key was refused: ${decision.refusal.code}.`);
  });
  return { rowMicros, checkMicros };
}

process.on("message", (/** @type {{ times: number }} */ order) => {
  void measure(order).then((figures) => process.send?.(figures));
});
process.on("disconnect", () => process.exit());
process.send?.({ ready: true });
