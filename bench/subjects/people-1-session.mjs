// A warm session, beside the session packages of Fastify and Express.
import { createServer } from "node:http";
import express from "express";
import Fastify from "fastify";
import { serveWhoami, whoami } from "../fixtures/people.mjs";

export const part = {
  name: "session",
  title: "A warm session",
  about:
    "`GET /whoami` of the server itself with the cookie of a session, beside apps that answer a user's facts from the session of their framework: " +
    "Fastify with @fastify/session, Express with express-session over its memory store and over Redis (connect-redis).",
};

const bare = "node:http, bare";
const secret = "a secret of the bench and of nobody else";

export const subjects = [
  {
    name: "latchkey serve, session cookie",
    beside: bare,
    serve: ({ folder }) =>
      serveWhoami(folder, async (auth, user) => ({ Cookie: (await auth.sessions.create({ user, amr: ["pwd"] })).cookie.split(";")[0] })),
  },
  { name: "Fastify, @fastify/session", beside: bare, serve: serveFastify },
  { name: "Express, express-session, memory", beside: bare, serve: () => serveExpress(undefined) },
  { name: "Express, express-session, connect-redis", beside: bare, serve: async ({ folder }) => serveExpress(await redisStore(folder)) },
];

async function serveFastify() {
  const { default: cookie } = await import("@fastify/cookie");
  const { default: session } = await import("@fastify/session");
  const app = Fastify();
  await app.register(cookie);
  await app.register(session, { secret, cookie: { secure: false }, saveUninitialized: false });
  app.post("/login", (request) => {
    request.session.user = whoami;
    return whoami;
  });
  app.get("/whoami", (request, reply) => (request.session.user === undefined ? reply.code(401).send() : request.session.user));
  await app.ready();
  return served(app.server);
}

async function serveExpress(store) {
  const { default: session } = await import("express-session");
  const app = express();
  app.use(session({ secret, store, resave: false, saveUninitialized: false, name: "sid" }));
  app.post("/login", (request, response) => {
    request.session.user = whoami;
    response.json(whoami);
  });
  app.get("/whoami", (request, response) =>
    request.session.user === undefined ? response.status(401).end() : response.json(request.session.user),
  );
  return served(createServer(app));
}

/** Signs in once, and asks with the cookie from then on. @param {import("node:http").Server} server */
async function served(server) {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  const answer = await fetch(`http://127.0.0.1:${port}/login`, { method: "POST" });
  const [cookie] = answer.headers.get("set-cookie").split(";");
  return { port, requests: [{ path: "/whoami", headers: { Cookie: cookie } }], unauthenticated: { path: "/whoami" } };
}

async function redisStore(folder) {
  const { default: RedisStore } = await import("connect-redis");
  const { default: Redis } = await import("ioredis");
  const client = new Redis(process.env.LATCHKEY_TEST_REDIS_URL ?? "redis://127.0.0.1:6379", {
    lazyConnect: true,
    retryStrategy: () => null,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
  } catch {
    throw new Error("no Redis on the standard port", { cause: "missing" });
  }
  return new RedisStore({ client, prefix: `latchkey-bench:${folder}:`, ttl: 600 });
}
