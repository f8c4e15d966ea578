import { readFileSync } from "node:fs";
import express from "express";
import { createLatchkey } from "latchkey";
import { guard } from "latchkey/express";
import { sqlite } from "latchkey/sqlite";

const data = process.env.LATCHKEY_DATA ?? "../../.latchkey";
const secret = readFileSync(`${data}/secret`, "utf8").trim();
const auth = await createLatchkey({ issuer: "http://localhost:3001", store: sqlite(`${data}/latchkey.db`), secret });
const app = express();
app.get("/posts", guard(auth, { scopes: ["posts:read"] }), (req, res) => res.json({ hello: req.principal.subject }));
const server = app.listen(process.env.PORT ?? 3001, "127.0.0.1", () => console.log(`http://localhost:${server.address().port}/posts`));
