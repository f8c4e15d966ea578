// A single-page app and its API on one origin, with an embedded Latchkey. Users are those of `npm start`'s data folder.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import express from "express";
import { createLatchkey } from "latchkey";
import { guard, mount } from "latchkey/express";
import { sqlite } from "latchkey/sqlite";

const data = process.env.LATCHKEY_DATA ?? "../../.latchkey";
const app = express();
const server = app.listen(process.env.PORT ?? 3003, "127.0.0.1");
await once(server, "listening");
const site = `http://localhost:${server.address().port}`;

const auth = await createLatchkey({
  issuer: site,
  store: sqlite(`${data}/latchkey.db`),
  secret: readFileSync(`${data}/secret`, "utf8").trim(),
  jwt: { expiresIn: process.env.EXPIRES_IN ?? "5m" },
});

/** Notes of each user, in memory: this is about who may see them. */
const notes = new Map();
const person = guard(auth, { methods: ["jwt"] });

// Scripts and styles of this origin only: a script from elsewhere would be the app.
app.use((_request, response, next) => {
  response.setHeader("content-security-policy", "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'");
  next();
});
app.use(express.static(fileURLToPath(new URL("public", import.meta.url))));
app.get("/api/notes", person, (request, response) => response.json(notes.get(request.principal.subject) ?? []));
app.post("/api/notes", person, express.json({ limit: "10kb" }), (request, response) => {
  const text = String(request.body?.text ?? "").slice(0, 500);
  notes.set(request.principal.subject, [...(notes.get(request.principal.subject) ?? []), text].slice(-100));
  response.status(201).json({ text });
});
app.use(mount(auth));
console.log(`${site}/`);
