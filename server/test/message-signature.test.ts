// Requests that OAuth clients sign with the keys that they publish, at a server of its own.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeAll, expect, test } from "vitest";
import { signingFetch } from "latchkey/message-signature";
import { build, type Served, served } from "./program.ts";

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
let server: Served;
const closing: (() => unknown)[] = [];
beforeAll(() => build(), 300_000);
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A server, and a client of it that signs. */
async function start(setting: "on" | "off") {
  server = await served({ LATCHKEY_MESSAGE_SIGNATURES: setting });
  const jwks = JSON.stringify({ keys: [{ ...publicKey.export({ format: "jwk" }), kid: "k1", use: "sig" }] });
  const keys = createServer((_request, response) => response.end(jwks));
  await new Promise<void>((resolve) => keys.listen(0, "127.0.0.1", resolve));
  closing.push(server.stop, () => keys.close());
  const jwksUri = `http://localhost:${(keys.address() as AddressInfo).port}/jwks.json`;
  const argv = ["--name", "billing", "--grant", "client_credentials", "--auth", "private_key_jwt", "--jwks-uri", jwksUri, "--json"];
  const { stdout } = await server.latchkey("client", "create", ...argv);
  const { client_id: clientId } = JSON.parse(stdout) as { client_id: string };
  return { clientId, send: signingFetch({ keyid: `${clientId}#k1`, alg: "ed25519", key: privateKey }) };
}

test("a client signs its requests where that is on, each good once and for what it says", async () => {
  const { clientId, send } = await start("on");
  const answer = await send(`${server.url}/whoami`);
  expect(await answer.json()).toMatchObject({ subject: clientId, kind: "client", method: "message-signature" });
  const seen: Request[] = [];
  await signingFetch({ keyid: `${clientId}#k1`, alg: "ed25519", key: privateKey }, async (request) => {
    seen.push((request as Request).clone());
    return fetch(request);
  })(`${server.url}/whoami`);
  expect(await (await fetch(seen[0]!)).json()).toMatchObject({ status: 401, code: "message-signature.replayed" });
  const { headers } = seen[0]!;
  expect((await fetch(`${server.url}/whoami?other`, { headers })).status).toBe(401);
  expect((await fetch(`${server.url}/whoami`)).headers.get("accept-signature")).toContain('"@target-uri"');
});

test("a signature is nobody's where that is off", async () => {
  const { send } = await start("off");
  const answer = await send(`${server.url}/whoami`);
  expect([answer.status, answer.headers.get("accept-signature")]).toEqual([401, null]);
});
