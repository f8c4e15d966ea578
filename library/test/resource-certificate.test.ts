import { X509Certificate } from "node:crypto";
import { Agent, createServer, request as ask } from "node:https";
import type { AddressInfo } from "node:net";
import express from "express";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { guard } from "latchkey/express";
import { mtls } from "latchkey/mtls";
import { createResource, type Resource, type ResourceOptions } from "latchkey/resource";
import { mintUser, testRequest } from "latchkey/testing";
import { type MadeCertificate, workshop } from "./certificates.ts";
import { type ListeningIssuer, listeningIssuer } from "./issuer.ts";

const api = "https://api.example.com";
const thumbprintOf = ({ cert }: MadeCertificate) =>
  Buffer.from(new X509Certificate(cert).fingerprint256.replaceAll(":", ""), "hex").toString("base64url");

/** An API elsewhere, on an https server that asks for certificates and believes none by itself (RFC 8705 s.3). */
describe("an API that knows only the issuer, and a token bound to a certificate", () => {
  const shop = workshop();
  const [owner, thief] = [shop.make("owner"), shop.make("thief")];
  const server = shop.make("server", { extensions: ["basicConstraints=CA:FALSE", "extendedKeyUsage=serverAuth"] });
  const opened: { close(): unknown }[] = [];
  let issuer: ListeningIssuer;
  let token: string;
  let port: number;

  const open = async (options: Partial<ResourceOptions> = {}): Promise<Resource> => {
    const resource = await createResource({ issuer: issuer.url, audience: api, clock: issuer.auth.clock, ...options });
    opened.push(resource);
    return resource;
  };

  beforeAll(async () => {
    issuer = await listeningIssuer({ jwt: { audiences: [api] } });
    const { id: subject } = await mintUser(issuer.auth, { roles: [] });
    ({ token } = await issuer.auth.tokens.issue({ subject, audience: api, confirmation: { "x5t#S256": thumbprintOf(owner) } }));
    const app = express();
    app.get("/", guard(await open()), (request, response) => void response.json({ subject: request.principal?.subject }));
    const listening = createServer({ key: server.key, cert: server.cert, requestCert: true, rejectUnauthorized: false }, app);
    await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
    opened.push(listening);
    port = (listening.address() as AddressInfo).port;
  });
  afterAll(async () => {
    for (const one of opened.toReversed()) await one.close();
    await issuer.close();
    shop.remove();
  });

  /** One request on a connection of its own, as curl would send it with this certificate. */
  const get = (shown?: MadeCertificate) =>
    new Promise<{ status: number | undefined; body: Record<string, unknown> }>((resolve, reject) => {
      const agent = new Agent({ ca: server.cert, checkServerIdentity: () => undefined, key: shown?.key, cert: shown?.cert });
      const headers = { authorization: `Bearer ${token}` };
      const sent = ask({ host: "127.0.0.1", port, path: "/", agent, headers }, (answer) => {
        const read = (parts: unknown[]) => {
          agent.destroy();
          const body = JSON.parse(Buffer.concat(parts as Buffer[]).toString()) as Record<string, unknown>;
          resolve({ status: answer.statusCode, body });
        };
        answer.toArray().then(read, reject);
      });
      sent.on("error", reject).end();
    });

  test("is let in with this certificate, and with no other or none, also once the token is known [attack:MT-03]", async () => {
    expect((await get(owner)).status).toBe(200);
    for (const shown of [thief, undefined]) expect(await get(shown)).toMatchObject({ status: 401, body: { code: "mtls.bound-elsewhere" } });
    expect((await get(owner)).status).toBe(200);
  });

  test("takes the word of a proxy that was named, and of nobody else", async () => {
    const proxy = "10.0.0.7";
    const ca = shop.make("authority", { extensions: ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"] });
    const resource = await open({
      methods: [
        mtls({ ca: ca.cert, clients: [{ as: "svc_other", dns: "other.internal" }], proxy: { addresses: [proxy], form: "client-cert" } }),
      ],
    });
    const headers = {
      authorization: `Bearer ${token}`,
      "client-cert": `:${new X509Certificate(owner.cert).raw.toString("base64")}:`,
    };
    const codeFrom = async (peerAddress: string) => {
      const decision = await resource.check(testRequest({ headers, peerAddress }), resource.rule({ methods: ["jwt"] }));
      return decision.allowed ? "allowed" : decision.refusal.code;
    };
    expect(await codeFrom(proxy)).toBe("allowed");
    expect(await codeFrom("10.0.0.8")).toBe("mtls.bound-elsewhere");
  });
});
