// Other ways to protect an API by a key. Their packages are installed by `npm ci --prefix bench`, and left out without it.
import { createServer } from "node:http";
import path from "node:path";
import express from "express";
import { hello, openRequests } from "../fixtures/hello.mjs";
import { tutorial } from "../fixtures/tutorial.mjs";

export const part = {
  name: "peers",
  title: "Beside other packages",
  about:
    "An Express route behind passport with passport-http-bearer (the key looked up in SQLite by its SHA-256), and behind the API keys of " +
    "better-auth (SQLite, its rate limit off, since it counts to ten a day by default).",
};

const plain = "Express, no authentication";

/** @param {...import("express").RequestHandler} before */
function server(...before) {
  const app = express();
  app.get("/posts", ...before, (_request, response) => response.json(hello));
  return createServer(app);
}

export const subjects = [
  { name: plain, serve: () => ({ server: server(), requests: openRequests }) },
  { name: "Express, passport-http-bearer", beside: plain, serve: ({ folder }) => servePassport(folder) },
  { name: "Express, better-auth API key", beside: plain, serve: ({ folder }) => serveBetterAuth(folder) },
];

async function servePassport(folder) {
  const { default: passport } = await import("passport");
  const { Strategy } = await import("passport-http-bearer");
  const { authenticate, asked } = tutorial(folder, "/posts");
  passport.use(new Strategy((token, done) => done(null, authenticate(token) ?? false)));
  const requests = asked.requests.map(({ headers, ...rest }) => ({
    ...rest,
    headers: { Authorization: `Bearer ${headers["X-API-Key"]}` },
  }));
  return { ...asked, server: server(passport.authenticate("bearer", { session: false })), requests };
}

async function serveBetterAuth(folder) {
  const { betterAuth } = await import("better-auth");
  const { getMigrations } = await import("better-auth/db");
  const { apiKey } = await import("better-auth/plugins");
  const { Kysely, SqliteDialect } = await import("kysely");
  const { default: Database } = await import("libsql");
  const database = new Database(path.join(folder, "peer.db"));
  database.exec("pragma journal_mode = wal");
  const options = {
    baseURL: "http://localhost:3000",
    secret: "a secret of the bench and of nobody else",
    database: { db: new Kysely({ dialect: new SqliteDialect({ database }) }), type: "sqlite" },
    emailAndPassword: { enabled: true },
    telemetry: { enabled: false },
    plugins: [apiKey({ rateLimit: { enabled: false } })],
  };
  const auth = betterAuth(options);
  await (await getMigrations(options)).runMigrations();
  const { user } = await auth.api.signUpEmail({ body: { email: "alice@example.com", password: "correct horse battery", name: "Alice" } });
  const { key } = await auth.api.createApiKey({ body: { name: "bench", userId: user.id } });
  const middleware = async (request, response, next) => {
    const presented = request.get("x-api-key");
    const verified = typeof presented === "string" ? await auth.api.verifyApiKey({ body: { key: presented } }) : undefined;
    if (verified?.valid !== true) return void response.status(401).end();
    request.apiKey = verified.key;
    next();
  };
  return { server: server(middleware), requests: [{ path: "/posts", headers: { "X-API-Key": key } }], unauthenticated: { path: "/posts" } };
}
