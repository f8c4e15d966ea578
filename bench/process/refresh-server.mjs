// The token endpoints through the node adapter, and families to refresh; or the least that a durable row costs, when told.
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import Database from "libsql";
import { mount } from "latchkey/node";
import { openGate } from "../fixtures/gate.mjs";
import { password } from "../fixtures/people.mjs";

const families = Number(process.argv[2]);
const folder = mkdtempSync(path.join(tmpdir(), "latchkey-bench-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
process.on("disconnect", () => process.exit());

const auth = await openGate(folder);
const server = createServer(mount(auth));
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address();

/** One sign-in of a user of its own for each, as an app does it. */
async function signIn(index) {
  const email = `person${index}@example.com`;
  await auth.users.create({ email, password });
  const answer = await fetch(`http://127.0.0.1:${port}/tokens`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email, password }),
  });
  if (answer.status !== 200) throw new Error(`/tokens was answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()).refresh_token;
}

const tokens = [];
for (let index = 0; index < families; index += 1) tokens.push(await signIn(index));

// A database of the same kind, in the same folder: one row, one commit, one sync at a time.
const raw = new Database(path.join(folder, "raw.db"));
for (const pragma of ["journal_mode = wal", "synchronous = full"]) raw.exec(`pragma ${pragma}`);
raw.exec("create table t (id integer primary key, a text)");
const insert = raw.prepare("insert into t (a) values (?)");

function commitRows(ms) {
  const startedAt = performance.now();
  let done = 0;
  for (; performance.now() - startedAt < ms; done += 1)
    insert.run("a row of about the size of one that a refresh writes, which is hundred bytes or so");
  return { rate: (done / (performance.now() - startedAt)) * 1_000 };
}

process.on("message", (message) => {
  if (message.raw !== undefined) return process.send(commitRows(message.raw));
  const { user, system } = process.cpuUsage();
  return process.send({ cpuMicros: user + system });
});
process.send({ port, tokens });
