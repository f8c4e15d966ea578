// Messages of another system: the route runs for a genuine one, once. `GET /` lists what came.
import { readFileSync } from "node:fs";
import express from "express";
import { createLatchkey } from "latchkey";
import { guard } from "latchkey/express";
import { sqlite } from "latchkey/sqlite";
import { webhook } from "latchkey/webhook";

const data = process.env.LATCHKEY_DATA ?? "../../.latchkey";
const read = (file) => readFileSync(file, "utf8").trim();
const auth = await createLatchkey({
  issuer: "http://localhost:3007",
  store: sqlite(`${data}/latchkey.db`),
  secret: read(`${data}/secret`),
  methods: [webhook({ name: "shop", scheme: "standard", secrets: [read(process.env.WEBHOOK_SECRET_FILE ?? "webhook-secret.txt")] })],
});

const orders = [];
const app = express();
// The guard first: the signature is over the bytes that were sent, not over what a parser makes of them.
app.post("/hooks/shop", guard(auth, { methods: ["shop"] }), express.json(), (request, response) => {
  orders.push(request.body);
  response.sendStatus(204);
});
app.get("/", (_request, response) => response.json(orders));
const server = app.listen(process.env.PORT ?? 3007, "127.0.0.1", () => console.log(`http://localhost:${server.address().port}/hooks/shop`));
