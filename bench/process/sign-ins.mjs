// Signs people in, on all cores: Latchkey, the pattern of the tutorials, node:http with the hash, or nothing but the hash.
import { createServer } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { hash, verify } from "@node-rs/argon2";
import express from "express";
import { mount } from "latchkey/node";
import { openGate } from "../fixtures/gate.mjs";
import { password } from "../fixtures/people.mjs";

const [kind] = process.argv.slice(2);
const folder = mkdtempSync(path.join(tmpdir(), "latchkey-bench-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
process.on("disconnect", () => process.exit());

/** So many that no two attempts at a time are of one account, which is limited. */
const people = 120;
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const emailOf = (index) => `person${index}@example.com`;

async function own() {
  const auth = await openGate(folder, { limits: { signInAddress: "off", signInGlobal: "off" } });
  for (let index = 0; index < people; index += 1) await auth.users.create({ email: emailOf(index), password });
  const { key } = await auth.apiKeys.issue({ name: "bench" });
  return { ...(await listen(createServer(mount(auth)))), key };
}

/** The least that a server can do: node:http and the hash, as many at a time as there are cores, nothing kept and nothing limited. */
async function bare() {
  const stored = await hash(password, cost);
  let free = availableParallelism();
  const waiting = [];
  const checked = async (given) => {
    if (free === 0) await new Promise((resume) => waiting.push(resume));
    else free -= 1;
    try {
      return await verify(stored, given);
    } finally {
      if (waiting.length > 0) waiting.shift()();
      else free += 1;
    }
  };
  const answer = async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const right = await checked(JSON.parse(Buffer.concat(chunks).toString()).password);
    response.writeHead(right ? 200 : 401, { "content-type": "application/json" }).end("{}");
  };
  return listen(createServer((request, response) => void answer(request, response)));
}

async function bcryptServer() {
  const { default: bcrypt } = await import("bcrypt");
  const stored = await bcrypt.hash(password, 12);
  const users = new Map(Array.from({ length: people }, (_, index) => [emailOf(index), stored]));
  const app = express();
  app.use(express.json());
  app.post("/login", async (request, response) => {
    const known = users.get(request.body.email);
    if (known === undefined || !(await bcrypt.compare(request.body.password, known))) return response.status(401).end();
    return response.json({ ok: true });
  });
  return listen(createServer(app));
}

async function listen(server) {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: server.address().port, people };
}

/** The least that a sign-in costs: as many hashes at a time as there are cores. */
async function raw(ms) {
  const encoded = await hash(password, cost);
  const startedAt = performance.now();
  let done = 0;
  const work = async () => {
    while (performance.now() - startedAt < ms) {
      await verify(encoded, password);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return { rate: (done / (performance.now() - startedAt)) * 1_000, done };
}

process.on("message", (message) => {
  if (message.raw === undefined) process.send({ megabytes: process.memoryUsage.rss() / 2 ** 20 });
  else void raw(message.raw).then((answer) => process.send(answer));
});
if (kind === "raw") process.send({ ready: true });
else
  try {
    process.send(await { own, bare, bcrypt: bcryptServer }[kind]());
  } catch (error) {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    process.send({ missing: "bcrypt is not installed: npm ci --prefix bench" });
  }
