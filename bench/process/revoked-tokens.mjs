// A gate over a database in which a million tokens are revoked: the memory that they take, and the list that is published of them.
import path from "node:path";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import Database from "libsql";
import { sqlite } from "latchkey/sqlite";
import { quantile } from "../figures.mjs";
import { openGate } from "../fixtures/gate.mjs";
import { importSource } from "./source.mjs";

const [how, countText] = process.argv.slice(2);
const count = Number(countText);
const folder = mkdtempSync(path.join(tmpdir(), "latchkey-bench-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
process.on("disconnect", () => process.exit());
const file = path.join(folder, "latchkey.db");

/** Which positions: every second of one list, ten to a block, or each in a block of its own. */
const positions = {
  none: undefined,
  dense: "n * 2 + abs(random()) % 2",
  sparse: "(n / 10) * 100000 + (n % 10) * 9973",
  scattered: "n * 100000",
}[how];

await (await openGate(folder)).close();
const database = new Database(file);
database.exec(
  `insert or ignore into latchkey_status_block (block, reserved_at, ends_at) values (0, 0, ${Date.now() + 86_400_000}), (19, 0, ${Date.now() + 86_400_000})`,
);
if (positions !== undefined)
  database.exec(`insert into latchkey_revoked_token (position, expires_at)
    with recursive number(n) as (select 0 union all select n + 1 from number where n < ${count - 1})
    select ${positions}, ${Date.now() + 86_400_000} from number`);
database.close();

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");
const auth = await openGate(folder, { store: sqlite(file) });
collect();
collect();
const megabytes = process.memoryUsage.rss() / 2 ** 20;
const { heapUsed, arrayBuffers } = process.memoryUsage();

/** Built and signed, as `GET /status-lists/0` answers it the first time; then unpacked as a verifier does, and asked. */
async function publish() {
  const view = {
    method: "GET",
    target: "/status-lists/0",
    requestId: "bench",
    peerAddress: "127.0.0.1",
    encrypted: false,
    header: () => undefined,
    body: () => Promise.resolve(new Uint8Array()),
  };
  const startedAt = performance.now();
  const answer = await auth.handle(view);
  const publishedMs = performance.now() - startedAt;
  if (answer.status !== 200) throw new Error(`The list was answered ${answer.status}.`);
  const { unpackStatusList } = await importSource("library/src/status-list/index.ts");
  const claims = JSON.parse(Buffer.from(String(answer.body).split(".")[1], "base64url").toString());
  const unpackedAt = performance.now();
  const list = await unpackStatusList(claims.status_list);
  const unpackedMs = performance.now() - unpackedAt;
  const indexes = Array.from({ length: 1_000_000 }, () => Math.floor(Math.random() * 1_000_000));
  const rounds = [];
  for (let round = 0; round < 5; round += 1) {
    const checkedAt = performance.now();
    let set = 0;
    for (const index of indexes) if (list.isSet(index)) set += 1;
    rounds.push(((performance.now() - checkedAt) * 1_000) / indexes.length);
    if (set === 0) throw new Error("Nothing is revoked in the list.");
  }
  return { publishedMs, bytes: String(answer.body).length, unpackedMs, checkMicros: quantile(rounds, 0.5) };
}

process.send({ megabytes, used: (heapUsed + arrayBuffers) / 2 ** 20, ...(how === "dense" ? await publish() : {}) });
process.on("message", () => undefined);
