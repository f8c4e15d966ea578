// HTTP Basic with a password that was right a moment ago, beside what tutorials do: bcrypt at cost 12 on each request.
import { createServer } from "node:http";
import express from "express";
import { basicHeader, email, password, serveWhoami, whoami } from "../fixtures/people.mjs";

export const part = {
  name: "basic",
  title: "HTTP Basic, a password that was verified before",
  about:
    "`GET /whoami` of the server itself with `Authorization: Basic`, the right password remembered for a minute; beside an Express route that " +
    "compares the password by bcrypt at cost 12 on each request, asked by two connections only.",
};

const bare = "node:http, bare";

export const subjects = [
  { name: "latchkey serve, Basic", beside: bare, serve: ({ folder }) => serveWhoami(folder, () => basicHeader) },
  { name: "Express, bcrypt 12 each time", beside: bare, connections: 2, serve: serveBcrypt },
];

async function serveBcrypt() {
  const { default: bcrypt } = await import("bcrypt");
  const users = new Map([[email, await bcrypt.hash(password, 12)]]);
  const app = express();
  app.get("/whoami", async (request, response) => {
    const [, encoded = ""] = (request.get("authorization") ?? "").split(" ");
    const text = Buffer.from(encoded, "base64").toString();
    const colon = text.indexOf(":");
    const known = users.get(text.slice(0, colon));
    if (known === undefined || !(await bcrypt.compare(text.slice(colon + 1), known))) return response.status(401).end();
    return response.json(whoami);
  });
  return { server: createServer(app), requests: [{ path: "/whoami", headers: basicHeader }], unauthenticated: { path: "/whoami" } };
}
