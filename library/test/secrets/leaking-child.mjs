// @ts-check
// A program that uses secrets as ours do, and lets one of each out on every way that the search must see.
import { createHmac, hash, hkdfSync } from "node:crypto";
import { createServer } from "node:http";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const leaking = process.argv[2] === "leaking";
const password = "four quiet grey horses of this test";
const masterSecret = "a master secret of this very test";
const token = `lk_live_${"a1B2c3D".repeat(7)}`;

await require("@node-rs/argon2").hash(password, { memoryCost: 8, timeCost: 1 });
// Not looked for: what tests sign with may be public.
createHmac("sha256", "the key of a test that signs").update("x").digest();
hkdfSync("sha256", masterSecret, "", "", 32);
const digest = hash("sha256", token, "base64url");

const database = new (require("libsql"))(":memory:");
database.exec("create table t (a)");
const insert = database.prepare("insert into t values (?)");
insert.run(digest);
if (leaking) insert.run(`before ${Buffer.from(`x${password}y`).toString("base64")}`);
if (leaking) database.prepare("select a from t where a = ?").all(token);
database.close();

const server = createServer((request, response) => {
  if (request.method === "POST") response.writeHead(201, { "set-cookie": `session=${token}` }).end(token);
  else
    response.writeHead(200, leaking ? { "x-echo": token } : {}).end(leaking ? `hex ${Buffer.from(masterSecret).toString("hex")}` : "fine");
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
const url = `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`;
await (await fetch(url, { method: "POST" })).text();
await (await fetch(url)).text();
server.close();

process.stdout.write(`Your key: ${token}\n`);
process.stdout.write(`{"level":"info","message":"${leaking ? token : "hello"}"}\n`);
