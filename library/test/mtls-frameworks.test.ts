import { createServer, request } from "node:https";
import type { AddressInfo } from "node:net";
import { X509Certificate } from "node:crypto";
import { serve } from "@hono/node-server";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as onExpress from "latchkey/express";
import * as onFastify from "latchkey/fastify";
import * as onFetch from "latchkey/fetch";
import * as onHono from "latchkey/hono";
import { mtls } from "latchkey/mtls";
import { testClock, testLatchkey, type TestLatchkey } from "latchkey/testing";
import { authorityExtensions, type MadeCertificate, type Workshop, workshop } from "./certificates.ts";
import { describeWithOpenssl } from "./services.ts";

const spiffe = "spiffe://example.com/billing";

describeWithOpenssl("a client certificate in each framework", () => {
  let shop: Workshop;
  let ca: MadeCertificate;
  let identity: MadeCertificate;
  let billing: MadeCertificate;
  let auth: TestLatchkey;
  const open: { close(): unknown }[] = [];
  const rule = { methods: ["mtls"] };

  beforeAll(async () => {
    shop = workshop();
    ca = shop.make("ca", { extensions: authorityExtensions });
    identity = shop.make("server", { by: ca, extensions: ["basicConstraints=CA:FALSE", "subjectAltName=DNS:localhost"] });
    billing = shop.make("billing", { by: ca, extensions: ["basicConstraints=CA:FALSE", `subjectAltName=URI:${spiffe}`] });
    auth = await testLatchkey({
      clock: testClock(Date.now() + 1_000),
      methods: [mtls({ ca: ca.cert, clients: [{ as: "svc_billing", uri: spiffe }] })],
    });
  });
  afterAll(async () => {
    for (const one of open) await one.close();
    await auth.close();
    shop.remove();
  });

  const tls = () => ({ key: identity.key, cert: identity.cert, ca: ca.cert, requestCert: true, rejectUnauthorized: false });
  const frameworks: Record<string, () => Promise<number>> = {
    async Express() {
      const app = express();
      app.get("/", onExpress.guard(auth, rule), (asked, answer) => void answer.json({ subject: asked.principal?.subject }));
      const server = createServer(tls(), app);
      open.push(server);
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return (server.address() as AddressInfo).port;
    },
    async Fastify() {
      const app = fastify({ https: tls() });
      open.push(app);
      app.get("/", { preHandler: onFastify.guard(auth, rule) }, (asked) => ({ subject: asked.principal?.subject }));
      await app.listen({ port: 0, host: "127.0.0.1" });
      return (app.server.address() as AddressInfo).port;
    },
    async Hono() {
      const app = new Hono();
      app.get("/", onHono.guard(auth, rule), (context) => context.json({ subject: context.get("principal").subject }));
      return new Promise((resolve) => {
        const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1", createServer, serverOptions: tls() }, ({ port }) =>
          resolve(port),
        );
        open.push(server);
      });
    },
  };

  const get = (port: number, shown?: MadeCertificate) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const presented = shown === undefined ? {} : { key: shown.key, cert: shown.cert };
      const sent = request({ host: "localhost", port, path: "/", ca: ca.cert, agent: false, ...presented }, (answer) => {
        let text = "";
        answer.on("data", (chunk: Buffer) => (text += chunk.toString())).on("end", () => resolve({ status: answer.statusCode!, text }));
      });
      sent.on("error", reject);
      sent.end();
    });

  test.each(Object.keys(frameworks))("%s on Node takes it from the connection", async (name) => {
    const port = await frameworks[name]!();
    expect(await get(port, billing)).toMatchObject({ status: 200, text: expect.stringContaining("svc_billing") });
    expect((await get(port)).status).toBe(401);
    expect((await get(port, shop.make(`self-${name}`))).status).toBe(401);
  });

  test("a web-standard request has one where the runtime gives it, and none otherwise", async () => {
    const certificate = { certificate: new X509Certificate(billing.cert).raw, chain: [] };
    const asked = () => new Request("https://api.example.com/");
    const handler = (_: Request, { subject }: { subject: string }) => new Response(subject);
    const told = onFetch.guard(auth, rule, handler, { certificate: () => certificate });
    expect(await (await told(asked())).text()).toBe("svc_billing");
    expect((await onFetch.guard(auth, rule, handler)(asked())).status).toBe(401);
    expect(await onFetch.check(auth, asked(), auth.rule(rule), { certificate })).toMatchObject({ allowed: true });
    const app = new Hono();
    app.get("/", onHono.guard(auth, rule, { certificate: () => certificate }), (context) => context.text(context.get("principal").subject));
    expect(await (await app.request("https://api.example.com/")).text()).toBe("svc_billing");
  });
});
