// Signs people in, on all cores: Latchkey, the pattern of the tutorials, or nothing but the hash.
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
const emailOf = (index) => `person${index}@example.com`;

async function own() {
  const auth = await openGate(folder, { limits: { signInAddress: "off", signInGlobal: "off" } });
  for (let index = 0; index < people; index += 1) await auth.users.create({ email: emailOf(index), password });
  const { key } = await auth.apiKeys.issue({ name: "bench" });
  return { ...(await listen(createServer(mount(auth)))), key };
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
  const encoded = await hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });
  const startedAt = performance.now();
  let done = 0;
  const work = async () => {
    while (performance.now() - startedAt < ms) {
      await verify(encoded, password);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return { rate: (done / (performance.now() - startedAt)) * 1_000 };
}

process.on("message", (message) => {
  if (message.raw === undefined) process.send({ megabytes: process.memoryUsage.rss() / 2 ** 20 });
  else void raw(message.raw).then((answer) => process.send(answer));
});
if (kind === "raw") process.send({ ready: true });
else
  try {
    process.send(await (kind === "own" ? own() : bcryptServer()));
  } catch (error) {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    process.send({ missing: "bcrypt is not installed: npm ci --prefix bench" });
  }
