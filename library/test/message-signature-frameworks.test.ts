import { serve } from "@hono/node-server";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import { generateKeyPairSync } from "node:crypto";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLatchkey, type Latchkey } from "latchkey";
import * as onExpress from "latchkey/express";
import * as onFastify from "latchkey/fastify";
import * as onFetch from "latchkey/fetch";
import * as onHono from "latchkey/hono";
import { messageSignature, signingFetch, signRequest } from "latchkey/message-signature";
import * as onNode from "latchkey/node";
import { sqlite } from "latchkey/sqlite";

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const signer = { keyid: "billing-1", alg: "ed25519", key: privateKey } as const;
/** Spaces and escapes that no parser gives back. */
const body = '{ "type":"caf\\u00e9" }';
const rule = { methods: ["message-signature"] };

type Listening = { close(): Promise<unknown> };
let auth: Latchkey;
let app: Listening;
let port: number;

/** The origin has to be known before the server listens. */
async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port: free } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return free;
}

beforeEach(async () => {
  port = await freePort();
  auth = await createLatchkey({
    issuer: "http://localhost:3000",
    store: sqlite(":memory:"),
    secret: "a test secret of at least 32 bytes",
    methods: [
      messageSignature({
        origins: [`http://127.0.0.1:${port}`],
        keys: [{ keyid: "billing-1", alg: "ed25519", key: publicKey, as: "svc_billing" }],
      }),
    ],
  });
});

afterEach(async () => {
  await app.close();
  await auth.close();
});

function listening(server: Server): Promise<Listening> {
  return new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(closable(server))));
}

function closable(server: Server): Listening {
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

const frameworks: Readonly<Record<string, () => Promise<Listening>>> = {
  "node:http": () =>
    listening(
      createServer(
        onNode.guard(auth, rule, async (request, response) => {
          const chunks: Buffer[] = [];
          for await (const chunk of request) chunks.push(chunk as Buffer);
          response.end((JSON.parse(Buffer.concat(chunks).toString() || '{"type":"none"}') as { type: string }).type);
        }),
      ),
    ),
  Express: () => {
    const made = express();
    made.use("/v1", onExpress.guard(auth, rule), express.json(), (request, response) => {
      response.send((request.body as { type: string } | undefined)?.type ?? "none");
    });
    return listening(createServer(made));
  },
  Fastify: async () => {
    const made = fastify();
    made.route({
      method: ["GET", "POST"],
      url: "/v1/orders",
      onRequest: onFastify.guard(auth, rule),
      handler: (request, reply) => reply.send((request.body as { type: string } | undefined)?.type ?? "none"),
    });
    await made.listen({ port, host: "127.0.0.1" });
    return made;
  },
  Hono: () => {
    const made = new Hono();
    made.all("/v1/orders", onHono.guard(auth, rule), async (context) => {
      const text = await context.req.text();
      return context.text(text === "" ? "none" : (JSON.parse(text) as { type: string }).type);
    });
    return new Promise((resolve) => {
      const server = serve({ fetch: made.fetch, port, hostname: "127.0.0.1" }, () => resolve(closable(server as Server)));
    });
  },
  fetch: () => {
    const handler = onFetch.guard(auth, rule, async (request) => {
      const text = await request.text();
      return new Response(text === "" ? "none" : (JSON.parse(text) as { type: string }).type);
    });
    return new Promise((resolve) => {
      const server = serve({ fetch: (request: Request) => handler(request), port, hostname: "127.0.0.1" }, () =>
        resolve(closable(server as Server)),
      );
    });
  },
};

describe.each(Object.entries(frameworks))("%s", (_, start) => {
  beforeEach(async () => {
    app = await start();
  });

  test("gives the route what its sender signed, and refuses it a second time or changed", async () => {
    const url = `http://127.0.0.1:${port}/v1/orders?page=2`;
    const send = signingFetch(signer);
    const posted = { method: "POST", body, headers: { "content-type": "application/json" } };
    expect(await (await send(url, posted)).text()).toBe("café");
    expect(await (await send(url)).text()).toBe("none");

    const headers = { ...posted.headers, ...signRequest({ ...posted, url }, signer) };
    const changed = await fetch(url, { ...posted, headers, body: body.replace("type", "typo") });
    expect(await changed.json()).toMatchObject({ status: 401, code: "message-signature.invalid" });
    expect((await fetch(url, { ...posted, headers })).status).toBe(200);
    expect(await (await fetch(url, { ...posted, headers })).json()).toMatchObject({ code: "message-signature.replayed" });
    const bare = await fetch(url);
    expect(bare.status).toBe(401);
    expect(bare.headers.get("accept-signature")).toBe('sig=("@method" "@target-uri");created');
  });
});
