import express from "express";
import { guard, mount } from "latchkey/express";
import { createResource } from "latchkey/resource";

// All that this API knows of who signs people in: a URL. No database, no secret.
const auth = await createResource({
  issuer: process.env.ISSUER ?? "http://localhost:3000",
  onDecision: ({ requestId, outcome, detail }) => console.log(requestId, outcome, detail ?? ""),
});
const app = express();
app.use(mount(auth));
app.get("/posts", guard(auth, { scopes: ["posts:read"] }), (req, res) => res.json({ hello: req.principal.subject }));
const server = app.listen(process.env.PORT ?? 3002, "127.0.0.1", () => console.log(`http://localhost:${server.address().port}/posts`));
