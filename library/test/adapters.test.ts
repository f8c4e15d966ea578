import { serve } from "@hono/node-server";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import { type AddressInfo, connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLatchkey, type Latchkey } from "latchkey";
import * as onExpress from "latchkey/express";
import * as onFastify from "latchkey/fastify";
import * as onHono from "latchkey/hono";
import * as onNode from "latchkey/node";
import { sqlite } from "latchkey/sqlite";

type Listening = { readonly port: number; close(): Promise<unknown> };

const rule = { scopes: ["posts:read"] };
const express4 = createRequire(import.meta.url)("express4") as typeof express;

/** The same small app in each framework: a guarded route, an unguarded one, and Latchkey under /auth. */
const frameworks: Readonly<Record<string, (auth: Latchkey) => Promise<Listening>>> = {
  "node:http": (auth) => {
    const guarded = onNode.guard(auth, rule, (request, response) => response.end(JSON.stringify({ subject: request.principal?.subject })));
    const mounted = onNode.mount(auth);
    return listening(
      createServer((request, response) => {
        if (request.url?.startsWith("/posts")) return guarded(request, response);
        if (request.url === "/open") return response.end(JSON.stringify({ principal: request.principal ?? null }));
        request.url = request.url?.replace(/^\/auth/, "") ?? "/";
        return mounted(request, response);
      }),
    );
  },
  "Express 5": (auth) => expressApp(express, auth),
  "Express 4": (auth) => expressApp(express4, auth),
  "Fastify 5": async (auth) => {
    const app = fastify();
    app.get("/posts", { onRequest: onFastify.guard(auth, rule) }, (request) => ({ subject: request.principal?.subject }));
    app.get("/open", (request) => ({ principal: request.principal ?? null }));
    await app.register(onFastify.mount(auth), { prefix: "/auth" });
    await app.listen({ port: 0, host: "127.0.0.1" });
    return { port: (app.server.address() as AddressInfo).port, close: () => app.close() };
  },
  "Hono 4": (auth) => {
    const app = new Hono();
    app.get("/posts", onHono.guard(auth, rule), (context) => context.json({ subject: context.get("principal").subject }));
    app.get("/open", (context) => context.json({ principal: context.get("principal") ?? null }));
    app.route("/auth", onHono.mount(auth));
    return new Promise((resolve) => {
      const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) =>
        resolve({ port, close: () => closing(server as Server) }),
      );
    });
  },
};

function expressApp(make: typeof express, auth: Latchkey): Promise<Listening> {
  const app = make();
  app.use(make.json());
  app.get("/posts", onExpress.guard(auth, rule), (request, response) => void response.json({ subject: request.principal?.subject }));
  app.get("/open", (request, response) => void response.json({ principal: request.principal ?? null }));
  app.use("/auth", onExpress.mount(auth));
  return listening(createServer(app));
}

function listening(server: Server): Promise<Listening> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve({ port: (server.address() as AddressInfo).port, close: () => closing(server) }));
  });
}

function closing(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

describe.each(Object.keys(frameworks))("%s", (name) => {
  let auth: Latchkey;
  let app: Listening;
  let url: string;
  let key: string;
  let id: string;

  beforeEach(async () => {
    auth = await createLatchkey({
      issuer: "http://localhost:3000",
      store: sqlite(":memory:"),
      secret: "a test secret of at least 32 bytes",
    });
    app = await frameworks[name]!(auth);
    url = `http://127.0.0.1:${app.port}`;
    ({
      key,
      record: { id },
    } = await auth.apiKeys.issue({ name: "ci", scopes: ["posts:read"] }));
  });

  afterEach(async () => {
    await app.close();
    await auth.close();
  });

  const ask = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) => fetch(url + path, { ...init, headers });

  test("lets a good key in by either header, cold and warm, with the principal at hand", async () => {
    for (const headers of [{ "x-api-key": key }, { authorization: `bearer ${key}` }] as Record<string, string>[]) {
      for (const turn of ["cold", "warm"]) {
        const answer = await ask("/posts", headers);
        expect([turn, answer.status, await answer.json()]).toEqual([turn, 200, { subject: id }]);
        expect(answer.headers.get("x-request-id")).toMatch(/^req_/);
      }
    }
  });

  test("refuses no key, a wrong one and a revoked one with 401, a challenge and a problem document", async () => {
    await auth.apiKeys.revoke(id);
    for (const headers of [{}, { "x-api-key": "wrong" }, { "x-api-key": key }] as Record<string, string>[]) {
      const answer = await ask("/posts", headers);
      expect(answer.status).toBe(401);
      expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer realm=/);
      expect(await answer.json()).toMatchObject({ status: 401, requestId: answer.headers.get("x-request-id") });
    }
  });

  test("answers a missing scope with 403 and says which [attack:AZ-02]", async () => {
    const other = await auth.apiKeys.issue({ name: "other" });
    const answer = await ask("/posts", { authorization: `Bearer ${other.key}` });
    expect(answer.status).toBe(403);
    expect(answer.headers.get("www-authenticate")).toMatch(/error="insufficient_scope".*scope="posts:read"/);
  });

  test("answers a spent limit with 429, Retry-After and the RateLimit fields", async () => {
    const limited = await auth.apiKeys.issue({ name: "limited", scopes: ["posts:read"], rateLimit: "1/1h" });
    const first = await ask("/posts", { "x-api-key": limited.key });
    expect([first.status, first.headers.get("ratelimit-policy")]).toEqual([200, '"credential";q=1;w=3600']);
    const second = await ask("/posts", { "x-api-key": limited.key });
    expect(second.status).toBe(429);
    expect(Number(second.headers.get("retry-after"))).toBeGreaterThan(3_000);
    expect(second.headers.get("ratelimit")).toMatch(/r=0;t=\d+/);
  });

  test("refuses a repeated header and a key in the query [attack:AK-02] [attack:AK-05] [attack:HT-03]", async () => {
    expect(await rawStatus(app.port, `X-API-Key: ${key}\r\nX-API-Key: ${key}`)).toBe(400);
    expect(await rawStatus(app.port, `Authorization: Bearer ${key}\r\nAuthorization: Bearer ${key}`)).toBe(400);
    expect((await ask(`/posts?api_key=${key}`)).status).toBe(401);
  });

  test("answers 503 and never 401 when the store does not answer [attack:HT-10]", async () => {
    const cold = await auth.apiKeys.issue({ name: "cold", scopes: ["posts:read"] });
    await auth.close();
    const answer = await ask("/posts", { "x-api-key": cold.key });
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("1");
    auth = await createLatchkey({
      issuer: "http://localhost:3000",
      store: sqlite(":memory:"),
      secret: "a test secret of at least 32 bytes",
    });
  });

  test("has no principal on a route without a guard", async () => {
    expect(await (await ask("/open", { "x-api-key": key })).json()).toEqual({ principal: null });
  });

  test("answers Latchkey's endpoints under a prefix, and reads their bodies", async () => {
    expect((await ask("/auth/whoami", { "x-api-key": key })).status).toBe(200);
    const user = await auth.users.create({ email: "ada@example.com" });
    const manager = await auth.apiKeys.issue({ name: "m", owner: user.id, scopes: ["keys:manage"] });
    const headers = { "x-api-key": manager.key, "content-type": "application/json" };
    const made = await ask("/auth/keys", headers, { method: "POST", body: '{"name":"mine"}' });
    expect([made.status, ((await made.json()) as { name: string }).name]).toEqual([201, "mine"]);
    expect((await ask("/auth/whoami", { "x-api-key": key }, { method: "PUT" })).status).toBe(405);
    expect((await ask("/auth/nothing", { "x-api-key": key })).status).toBe(404);
  });
});

function rawStatus(port: number, lines: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () =>
      socket.write(`GET /posts HTTP/1.1\r\nHost: localhost\r\n${lines}\r\nConnection: close\r\n\r\n`),
    );
    let answer = "";
    socket.on("data", (chunk) => (answer += chunk));
    socket.on("close", () => resolve(Number(answer.slice(9, 12))));
    socket.on("error", reject);
  });
}
