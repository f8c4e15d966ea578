import { serve } from "@hono/node-server";
import express, { type ErrorRequestHandler, type Request as ExpressRequest, type Response as ExpressResponse } from "express";
import fastify from "fastify";
import { type Context, Hono } from "hono";
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import type { Gate, Principal, RuleOptions } from "latchkey";
import * as onExpress from "latchkey/express";
import * as onFastify from "latchkey/fastify";
import * as onFetch from "latchkey/fetch";
import * as onHono from "latchkey/hono";
import * as onNode from "latchkey/node";

/**
 * The same small app in each framework, as its users would write it:
 *
 * - `GET /posts`, guarded: the caller; `ANY /any`, guarded by nothing but a credential; `GET /open`, not guarded
 * - `GET /twice`: two guards in line, the second asks for `posts:write`
 * - `GET /tenants/:tenant/posts`: guarded in a router below a prefix
 * - `POST /parsed-first`, `POST /guarded-first`: guarded, with the body parser of the framework before or after the guard
 * - `GET /throws`, `GET /rejects`: guarded handlers that fail; the app's own error handling answers `{ handled: message }`
 * - Latchkey's endpoints below `/auth`
 */
export interface Listening {
  readonly port: number;
  readonly url: string;
  close(): Promise<unknown>;
}

export const rule = { scopes: ["posts:read"] };

const caller = (principal: Principal | undefined) => ({ subject: principal?.subject ?? null });
const echo = (principal: Principal | undefined, body: unknown) => ({ ...caller(principal), body });

export const frameworks = {
  "node:http": nodeApp,
  "Express 5": (auth) => expressApp(express, auth),
  "Express 4": (auth) => expressApp(createRequire(import.meta.url)("express4") as typeof express, auth),
  "Fastify 5": fastifyApp,
  "Hono 4": honoApp,
  fetch: fetchApp,
} satisfies Record<string, (auth: Gate) => Promise<Listening>>;

export type Framework = keyof typeof frameworks;
export const names = Object.keys(frameworks) as Framework[];

function nodeApp(auth: Gate): Promise<Listening> {
  const json = (response: ServerResponse, value: unknown) => response.end(JSON.stringify(value));
  const read = async (request: IncomingMessage & { body?: unknown }) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    return (request.body = JSON.parse(Buffer.concat(chunks).toString()) as unknown);
  };
  const posts = onNode.guard(auth, rule, (request, response) => json(response, caller(request.principal)));
  const parsed = onNode.guard(auth, {}, (request, response) =>
    json(response, echo(request.principal, (request as { body?: unknown }).body)),
  );
  const second = onNode.guard(auth, { scopes: ["posts:write"] }, (request, response) => json(response, caller(request.principal)));
  const routes: Record<string, RequestListener> = {
    "/posts": posts,
    "/tenants/a/posts": posts,
    "/any": onNode.guard(auth, {}, (request, response) => json(response, caller(request.principal))),
    "/open": (request, response) => json(response, caller(request.principal)),
    "/twice": onNode.guard(auth, rule, (request, response) => second(request, response)),
    "/parsed-first": (request, response) => void read(request).then(() => parsed(request, response)),
    "/guarded-first": onNode.guard(auth, {}, async (request, response) => json(response, echo(request.principal, await read(request)))),
    "/throws": onNode.guard(auth, {}, () => {
      throw new Error("thrown");
    }),
    "/rejects": onNode.guard(auth, {}, () => Promise.reject(new Error("rejected"))),
  };
  const mounted = onNode.mount(auth);
  return listening(
    createServer((request, response) => {
      const path = (request.url ?? "/").split("?", 1)[0]!;
      if (routes[path] !== undefined) return routes[path](request, response);
      request.url = request.url?.replace(/^\/auth/, "") ?? "/";
      return mounted(request, response);
    }),
  );
}

function expressApp(make: typeof express, auth: Gate): Promise<Listening> {
  const app = make();
  const show = (request: ExpressRequest, response: ExpressResponse) => void response.json(caller(request.principal));
  const parser = make.json();
  const echoed = (request: ExpressRequest, response: ExpressResponse) => void response.json(echo(request.principal, request.body));
  const tenants = make.Router({ mergeParams: true });
  tenants.get("/posts", onExpress.guard(auth, rule), show);
  app.get("/posts", onExpress.guard(auth, rule), show);
  app.use("/tenants/:tenant", tenants);
  app.all("/any", onExpress.guard(auth), show);
  app.get("/open", show);
  app.get("/twice", onExpress.guard(auth, rule), onExpress.guard(auth, { scopes: ["posts:write"] }), show);
  app.post("/parsed-first", parser, onExpress.guard(auth), echoed);
  app.post("/guarded-first", onExpress.guard(auth), parser, echoed);
  app.get("/throws", onExpress.guard(auth), () => {
    throw new Error("thrown");
  });
  // Express 4 does not look at what a handler returns: there one passes the error on oneself.
  app.get("/rejects", onExpress.guard(auth), (_request, _response, next) => Promise.reject(new Error("rejected")).catch(next));
  app.use("/auth", onExpress.mount(auth));
  const handled: ErrorRequestHandler = (error: Error, _request, response, _next) =>
    void response.status(500).json({ handled: error.message });
  app.use(handled);
  return listening(createServer(app));
}

async function fastifyApp(auth: Gate): Promise<Listening> {
  const app = fastify();
  app.setErrorHandler((error: Error, _request, reply) => reply.code(500).send({ handled: error.message }));
  const onRequest = onFastify.guard(auth, rule);
  const anybody = onFastify.guard(auth);
  app.get("/posts", { onRequest }, (request) => caller(request.principal));
  await app.register(async (tenant) => void tenant.get("/posts", { onRequest }, (request) => caller(request.principal)), {
    prefix: "/tenants/:tenant",
  });
  app.all("/any", { onRequest: anybody }, (request) => caller(request.principal));
  app.get("/open", (request) => caller(request.principal));
  app.get("/twice", { onRequest: [onRequest, onFastify.guard(auth, { scopes: ["posts:write"] })] }, (request) => caller(request.principal));
  app.post("/parsed-first", { preHandler: anybody }, (request) => echo(request.principal, request.body));
  app.post("/guarded-first", { onRequest: anybody }, (request) => echo(request.principal, request.body));
  app.get("/throws", { onRequest: anybody }, () => {
    throw new Error("thrown");
  });
  app.get("/rejects", { onRequest: anybody }, () => Promise.reject(new Error("rejected")));
  await app.register(onFastify.mount(auth), { prefix: "/auth" });
  await app.listen({ port: 0, host: "127.0.0.1" });
  return at((app.server.address() as AddressInfo).port, () => {
    app.server.closeAllConnections();
    return app.close();
  });
}

function honoApp(auth: Gate): Promise<Listening> {
  const app = new Hono();
  const show = (context: Context) => context.json(caller(context.get("principal") as Principal | undefined));
  const echoed = async (context: Context) => context.json(echo(context.get("principal"), await context.req.json()));
  app.get("/posts", onHono.guard(auth, rule), show);
  app.route("/tenants/:tenant", new Hono().get("/posts", onHono.guard(auth, rule), show));
  app.all("/any", onHono.guard(auth), show);
  app.get("/open", show);
  app.get("/twice", onHono.guard(auth, rule), onHono.guard(auth, { scopes: ["posts:write"] }), show);
  app.post("/parsed-first", (context, next) => context.req.json().then(next), onHono.guard(auth), echoed);
  app.post("/guarded-first", onHono.guard(auth), echoed);
  app.get("/throws", onHono.guard(auth), () => {
    throw new Error("thrown");
  });
  app.get("/rejects", onHono.guard(auth), () => Promise.reject(new Error("rejected")));
  app.route("/auth", onHono.mount(auth));
  app.onError((error, context) => context.json({ handled: error.message }, 500));
  return served(app.fetch);
}

type NodeContext = [{ readonly incoming: IncomingMessage }];

function fetchApp(auth: Gate): Promise<Listening> {
  const peerAddress = (_request: Request, { incoming }: NodeContext[0]) => incoming.socket.remoteAddress ?? "";
  const guard = (
    options: RuleOptions | undefined,
    handler: (request: Request, principal: Principal, ...context: NodeContext) => Response | Promise<Response>,
  ) => onFetch.guard<NodeContext>(auth, options ?? {}, handler, { peerAddress });
  const show = (_request: Request, principal: Principal) => Response.json(caller(principal));
  const echoed = async (request: Request, principal: Principal) => Response.json(echo(principal, await request.json()));
  const anybody = guard({}, echoed);
  const second = guard({ scopes: ["posts:write"] }, show);
  const posts = guard(rule, show);
  const routes: Record<string, (request: Request, ...context: NodeContext) => Response | Promise<Response>> = {
    "/posts": posts,
    "/tenants/a/posts": posts,
    "/any": guard({}, show),
    "/open": () => Response.json(caller(undefined)),
    "/twice": guard(rule, (request, _principal, ...context) => second(request, ...context)),
    // Whoever reads the body before the guard reads a copy: there is one reader of a Request.
    "/parsed-first": (request, ...context) =>
      request
        .clone()
        .json()
        .then(() => anybody(request, ...context)),
    "/guarded-first": anybody,
    "/throws": guard({}, () => {
      throw new Error("thrown");
    }),
    "/rejects": guard({}, () => Promise.reject(new Error("rejected"))),
  };
  return served(async (request, env) => {
    const { pathname } = new URL(request.url);
    const context: NodeContext = [env as NodeContext[0]];
    try {
      if (routes[pathname] !== undefined) return await routes[pathname](request, ...context);
      const below = new Request(request.url.replace("/auth/", "/"), request);
      return await auth.fetch(below, { peerAddress: peerAddress(request, ...context) });
    } catch (error) {
      return Response.json({ handled: (error as Error).message }, { status: 500 });
    }
  });
}

function served(answer: (request: Request, env: unknown) => Response | Promise<Response>): Promise<Listening> {
  return new Promise((resolve) => {
    const server = serve({ fetch: answer, port: 0, hostname: "127.0.0.1" }, ({ port }) =>
      resolve(at(port, () => closing(server as Server))),
    );
  });
}

function listening(server: Server): Promise<Listening> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(at((server.address() as AddressInfo).port, () => closing(server))));
  });
}

const at = (port: number, close: () => Promise<unknown>): Listening => ({ port, url: `http://127.0.0.1:${port}`, close });

function closing(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
