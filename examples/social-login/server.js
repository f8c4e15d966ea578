// An app whose people sign in elsewhere, here at the Latchkey of `npm start`, which stands for Google or the directory of a firm.
// At 127.0.0.1, because browsers do not tell cookies of two ports apart: the provider is at localhost.
import { once } from "node:events";
import express from "express";
import { createLatchkey } from "latchkey";
import { guard, mount } from "latchkey/express";
import { oidc } from "latchkey/providers";
import { sqlite } from "latchkey/sqlite";

const app = express();
const server = app.listen(process.env.PORT ?? 3005, "127.0.0.1");
await once(server, "listening");
const site = `http://127.0.0.1:${server.address().port}`;
const auth = await createLatchkey({
  issuer: site,
  // Its users are its own: in memory, so that each start begins anew.
  store: sqlite(":memory:"),
  secret: process.env.SECRET,
  providers: [
    oidc({
      id: "work",
      name: "Work",
      issuer: process.env.PROVIDER ?? "http://localhost:3000",
      clientId: process.env.CLIENT_ID,
      clientSecret: process.env.CLIENT_SECRET,
      // What clients of a Latchkey are registered for, unless it is said otherwise. Most others take "post".
      clientAuthentication: "basic",
    }),
  ],
});
app.get("/", (_request, response) => response.redirect(303, "/login?return=/me"));
app.get("/me", guard(auth, { methods: ["session"] }), ({ principal }, response) => {
  response.json({ you: principal.subject, how: principal.assurance.amr });
});
app.use(mount(auth));
console.log(`${site}/`);
