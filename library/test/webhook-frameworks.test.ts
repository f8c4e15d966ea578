import { serve } from "@hono/node-server";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLatchkey, type Latchkey } from "latchkey";
import * as onExpress from "latchkey/express";
import * as onFastify from "latchkey/fastify";
import * as onHono from "latchkey/hono";
import * as onNode from "latchkey/node";
import { sqlite } from "latchkey/sqlite";
import { webhook } from "latchkey/webhook";

const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
/** Spaces and escapes that no parser gives back. */
const body = '{ "type":"caf\\u00e9",  "fail": false }';
const failing = '{ "type":"caf\\u00e9",  "fail": true }';

type Received = { readonly type: string; readonly fail: boolean };
type Listening = { readonly port: number; close(): Promise<unknown> };

let auth: Latchkey;
let app: Listening;
let faults: unknown[];

beforeEach(async () => {
  faults = [];
  auth = await createLatchkey({
    onFault: (error) => faults.push(error),
    issuer: "http://localhost:3000",
    store: sqlite(":memory:"),
    secret: "a test secret of at least 32 bytes",
    methods: [webhook({ scheme: "standard", secrets: [secret] })],
  });
});

afterEach(async () => {
  await app.close();
  await auth.close();
});

const rule = { methods: ["webhook"] };

/** A route in each framework that parses the body as its users do, and answers 500 for a message that asks for it. */
const frameworks: Readonly<Record<string, () => Promise<Listening>>> = {
  "node:http": () => {
    const guarded = onNode.guard(auth, rule, async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const received = JSON.parse(Buffer.concat(chunks).toString()) as Received;
      response.statusCode = received.fail ? 500 : 200;
      response.end(received.type);
    });
    return listening(createServer(guarded));
  },
  "Express, before the parser": () => {
    const made = express();
    made.post("/", onExpress.guard(auth, rule), express.json(), (request, response) => answer(request.body as Received, response));
    return listening(createServer(made));
  },
  "Express, after a parser that keeps the bytes": () => {
    const made = express();
    made.use(express.json({ verify: (request, _, bytes) => Object.assign(request, { rawBody: bytes }) }));
    made.post("/", onExpress.guard(auth, rule), (request, response) => answer(request.body as Received, response));
    return listening(createServer(made));
  },
  "Express, after express.raw": () => {
    const made = express();
    made.use(express.raw({ type: "*/*" }));
    made.post("/", onExpress.guard(auth, rule), (request, response) => answer(JSON.parse(String(request.body)) as Received, response));
    return listening(createServer(made));
  },
  Fastify: async () => {
    const made = fastify();
    made.post("/", { onRequest: onFastify.guard(auth, rule) }, (request, reply) => {
      const received = request.body as Received;
      return reply.status(received.fail ? 500 : 200).send(received.type);
    });
    await made.listen({ port: 0, host: "127.0.0.1" });
    return { port: (made.server.address() as AddressInfo).port, close: () => made.close() };
  },
  Hono: () => {
    const made = new Hono();
    made.post("/", onHono.guard(auth, rule), async (context) => {
      const received = await context.req.json<Received>();
      return context.text(received.type, received.fail ? 500 : 200);
    });
    return new Promise((resolve) => {
      const server = serve({ fetch: made.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) =>
        resolve({ port, close: () => closing(server as Server) }),
      );
    });
  },
};

function answer(received: Received, response: express.Response): void {
  response.status(received.fail ? 500 : 200).send(received.type);
}

function listening(server: Server): Promise<Listening> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve({ port: (server.address() as AddressInfo).port, close: () => closing(server) }));
  });
}

function closing(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function deliver(content: string, id = "msg_1", sent = content): Promise<{ status: number; text: string }> {
  const at = new Date();
  const response = await fetch(`http://127.0.0.1:${app.port}/`, {
    method: "POST",
    body: sent,
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
      "webhook-signature": new Webhook(secret).sign(id, at, content),
    },
  });
  return { status: response.status, text: await response.text() };
}

describe.each(Object.entries(frameworks))("%s", (_, start) => {
  beforeEach(async () => {
    app = await start();
  });

  test("gives the route a message whose very bytes were signed, and refuses others [attack:WH-01]", async () => {
    expect(await deliver(body)).toEqual({ status: 200, text: "café" });
    const changed = await deliver(body, "msg_2", JSON.stringify(JSON.parse(body)));
    expect(changed.status).toBe(401);
    expect(JSON.parse(changed.text)).toMatchObject({ code: "webhook.invalid" });
  });

  test("lets a sender try again after a failure, and not after a success", async () => {
    expect((await deliver(failing)).status).toBe(500);
    expect((await deliver(failing)).status).toBe(500);
    expect((await deliver(body)).status).toBe(200);
    const again = await deliver(body);
    expect(again.status).toBe(409);
    expect(JSON.parse(again.text)).toMatchObject({ code: "webhook.replayed" });
  });
});

test("says what to do when a parser has thrown the bytes away [attack:WH-01]", async () => {
  const made = express();
  made.use(express.json());
  made.post("/", onExpress.guard(auth, rule), (_, response) => void response.end());
  app = await listening(createServer(made));
  expect((await deliver(body)).status).toBe(503);
  expect(faults).toMatchObject([{ code: "LATCHKEY_BODY_CONSUMED", message: expect.stringContaining("express.json({ verify") }]);
});
