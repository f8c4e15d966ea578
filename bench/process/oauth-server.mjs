// The OAuth server through the node adapter, with somebody at it, and as many grants that stand as it is told.
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { hash, verify } from "@node-rs/argon2";
import Database from "libsql";
import { mount } from "latchkey/node";
import { openGate } from "../fixtures/gate.mjs";
import { redirectUri } from "../fixtures/oauth.mjs";
import { password } from "../fixtures/people.mjs";
import { emailOf } from "./oauth-flow.mjs";

const folder = mkdtempSync(path.join(tmpdir(), "latchkey-bench-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
process.on("disconnect", () => process.exit());

// The cheapest hash that there is: what a sign-in hashes is measured elsewhere.
const cheap = {
  passwords: { memoryKiB: 8, passes: 1, weakForTests: true },
  limits: { signInAccount: "off", signInAddress: "off", signInBoth: "off", signInGlobal: "off", signInDevice: "off" },
  // A new family beyond these ends an old one, which may be one that is refreshed here.
  jwt: { refresh: { mostFamilies: 10_000 } },
};
const auth = await openGate(folder, cheap);
/** Each has few families, as people do. */
const people = 500;
const users = [];
for (let index = 0; index < people; index += 1) users.push(await auth.users.create({ email: emailOf(index), password }));
/** @param {"jwt" | "opaque"} tokenFormat */
async function clientOf(tokenFormat) {
  const { client, secret } = await auth.clients.create({
    name: tokenFormat,
    grants: ["authorization_code", "refresh_token", "client_credentials"],
    redirectUris: [redirectUri],
    firstParty: true,
    tokenFormat,
  });
  return { id: client.id, secret };
}
const clients = { jwt: await clientOf("jwt"), opaque: await clientOf("opaque") };
const cookies = [];
for (const { id } of users) {
  const { cookie } = await auth.sessions.create({ user: id, amr: ["pwd"] });
  cookies.push(cookie.split(";", 1)[0]);
}
const server = createServer(mount(auth));
// Filling a million grants takes longer than a connection is kept, and the next request would meet its end.
server.keepAliveTimeout = 0;
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

/** Grants of other people that stand, each with a refresh token and an opaque access token: rows as they are, in the same file. */
function fill(from, to) {
  const database = new Database(path.join(folder, "latchkey.db"));
  database.exec("pragma busy_timeout = 60000");
  const [at, ends] = [Date.now(), Date.now() + 86_400_000];
  const insertGrant = database.prepare("insert into latchkey_grant (id, client_id, subject, created_at, ends_at) values (?, ?, ?, ?, ?)");
  const insertFamily = database.prepare(
    "insert into latchkey_refresh_family (id, subject, client_id, session_id, grant_data, created_at, last_used_at, ends_at, revoked_at) values (?, ?, ?, null, '{}', ?, ?, ?, null)",
  );
  const insertToken = database.prepare("insert into latchkey_refresh_token values (?, ?, 1, ?, null, null)");
  const insertAccess = database.prepare(
    "insert into latchkey_access_token (digest, id, client_id, subject, kind, scope, audience, grant_id, facts, created_at, expires_at) values (?, ?, ?, ?, 'user', 'openid', '[]', ?, '{}', ?, ?)",
  );
  for (let next = from; next < to; next += 10_000) {
    database.exec("begin immediate");
    for (let index = next; index < Math.min(next + 10_000, to); index += 1) {
      // As random as what it stands for.
      const random = (index * 2_654_435_761) % 4_294_967_296;
      const [id, subject, client] = [`grt_${random}_${index}`, `usr_${random}`, clients.opaque.id];
      insertGrant.run(id, client, subject, at, ends);
      insertFamily.run(id, subject, client, at, at, ends);
      insertToken.run(`r${random}_${index}`, id, ends);
      insertAccess.run(`a${random}_${index}`, `tok_${random}_${index}`, client, subject, id, at, ends);
    }
    database.exec("commit");
  }
  database.close();
  return { filled: to };
}

/** What the passwords of these people cost by themselves, as many at a time as there are flows. */
async function hashAlone(ms, atOnce) {
  const encoded = await hash(password, { memoryCost: cheap.passwords.memoryKiB, timeCost: cheap.passwords.passes, parallelism: 1 });
  const startedAt = performance.now();
  let done = 0;
  const lane = async () => {
    for (; performance.now() - startedAt < ms; done += 1) await verify(encoded, password);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return { done };
}

process.on("message", (message) => {
  if (message.hash !== undefined) return void hashAlone(message.hash.ms, message.hash.atOnce).then((answer) => process.send(answer));
  if (message.fill !== undefined) return process.send(fill(message.fill.from, message.fill.to));
  const { user: own, system } = process.cpuUsage();
  return process.send({ cpuMicros: own + system });
});
process.send({ port: server.address().port, clients, cookies });
