// An API for everybody: API keys for programs, OAuth for apps that act for people, on the same route. This process issues both.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import express from "express";
import { createLatchkey } from "latchkey";
import { guard, mount } from "latchkey/express";
import { sqlite } from "latchkey/sqlite";

const data = process.env.LATCHKEY_DATA ?? "../../.latchkey";
const app = express();
const server = app.listen(process.env.PORT ?? 3006, "127.0.0.1");
await once(server, "listening");
const site = `http://localhost:${server.address().port}`;
const secret = readFileSync(`${data}/secret`, "utf8").trim();
const auth = await createLatchkey({ issuer: site, store: sqlite(`${data}/latchkey.db`), secret });

const readers = guard(auth, { methods: ["api-key", "jwt"], scopes: ["posts:read"], rateLimit: "60/1m" });
app.get("/posts", readers, ({ principal }, response) => response.json({ hello: principal.subject, by: principal.method }));
app.use(mount(auth));
console.log(`${site}/posts`);
