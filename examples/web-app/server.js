// A web app whose pages the server renders: a session in a cookie. The pages to sign in, to register and for the account are Latchkey's.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import express from "express";
import { createLatchkey } from "latchkey";
import { guard, mount } from "latchkey/express";
import { NodeRequestView } from "latchkey/node";
import { sqlite } from "latchkey/sqlite";

const data = process.env.LATCHKEY_DATA ?? "../../.latchkey";
const app = express();
const server = app.listen(process.env.PORT ?? 3004, "127.0.0.1");
await once(server, "listening");
const site = `http://localhost:${server.address().port}`;
const secret = readFileSync(`${data}/secret`, "utf8").trim();
const auth = await createLatchkey({ issuer: site, store: sqlite(`${data}/latchkey.db`), secret });

/** Notes of each user, in memory: this is about who may see them. */
const notes = new Map();
const people = { methods: ["session"] };
const rule = auth.rule(people);

/** Like a guard, but whoever is not signed in is sent to sign in, and comes back. */
async function page(request, response, next) {
  const decision = await auth.check(new NodeRequestView(request), rule);
  if (!decision.allowed) return response.redirect(303, `/login?return=${encodeURIComponent(request.originalUrl)}`);
  request.principal = decision.principal;
  next();
}

const escaped = (text) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

app.use((_request, response, next) => {
  response.setHeader("content-security-policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'");
  next();
});
app.get("/", page, (request, response) => {
  const list = (notes.get(request.principal.subject) ?? []).map((note) => `<li>${escaped(note)}</li>`);
  response.send(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Notes</title></head><body>
<h1>Your notes</h1>
<ul>${list.join("")}</ul>
<form method="post" action="/notes"><label>Note <input name="text" required maxlength="500"></label> <button>Keep</button></form>
<p><a href="/account">Your account</a></p>
<form method="post" action="/logout"><button>Sign out</button></form>
</body></html>`);
});
// A form of another site changes nothing here: the guard refuses it (csrf.foreign-page).
app.post("/notes", guard(auth, people), express.urlencoded({ limit: "10kb" }), (request, response) => {
  const text = String(request.body?.text ?? "").slice(0, 500);
  notes.set(request.principal.subject, [...(notes.get(request.principal.subject) ?? []), text].slice(-100));
  response.redirect(303, "/");
});
app.use(mount(auth));
console.log(`${site}/`);
