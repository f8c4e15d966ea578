// A client that is a URL: what the document there may say, and how it is asked for. Which URLs those are, and how long a document is
// kept, is in metadata-document.test.ts.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { TestLatchkey } from "latchkey/testing";
import { authorize, expectError, get, newClient, oauthHouse, post, requestOf } from "./oauth-house.ts";

interface Document {
  readonly body: string;
  readonly headers?: Record<string, string>;
  readonly status?: number;
}

let server: Server;
let documents: Record<string, Document>;
let asked: string[];
let base: string;
let home: TestLatchkey;

beforeEach(async () => {
  documents = {};
  asked = [];
  server = createServer((request, response) => {
    asked.push(request.url!);
    if (request.url === "/silent.json") return;
    const found = documents[request.url!];
    response.writeHead(found?.status ?? (found === undefined ? 404 : 200), { "content-type": "application/json", ...found?.headers });
    response.end(found?.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  home = await oauthHouse({ issuer: "http://localhost:3000", registration: { mode: "open" } });
});
afterEach(async () => {
  vi.useRealTimers();
  await home.close();
  server.closeAllConnections();
  server.close();
});

const redirectUri = "http://127.0.0.1/cb";
const publish = (path: string, change: object = {}, answer: Partial<Document> = {}) => {
  const body = JSON.stringify({ client_id: base + path, client_name: "An agent", redirect_uris: [redirectUri], ...change });
  documents[path] = { body, ...answer };
  return base + path;
};
/** A public client needs no more than its name to revoke: 200 says that it is known. */
const isPublic = async (id: string) => (await post(home, "/oauth/revoke", { client_id: id, token: "x" })).status === 200;
/** Whoever is known, in whatever way it proves itself, may send people to sign in. */
const mayBegin = async (id: string, on = home) => {
  const changes = { redirect_uri: redirectUri, scope: undefined };
  return (await authorize(on, requestOf({ id, secret: "" }, changes))).status === 303;
};

test("is known by the document there, which is kept for as long as it says", async () => {
  const id = publish("/agent.json", {}, { headers: { "cache-control": "max-age=3600" } });
  expect(await isPublic(id)).toBe(true);
  expect(await mayBegin(id)).toBe(true);
  expect(asked).toEqual(["/agent.json"]);
  home.clock.advance("59m");
  expect(await isPublic(id)).toBe(true);
  expect(asked).toHaveLength(1);
  home.clock.advance("2m");
  expect(await isPublic(id)).toBe(true);
  expect(asked).toHaveLength(2);
  expect((await get(home, "/.well-known/oauth-authorization-server")).body["client_id_metadata_document_supported"]).toBe(true);
});

test("is fetched once for all who ask at the same moment", async () => {
  const id = publish("/agent.json");
  expect(await Promise.all(Array.from({ length: 20 }, () => isPublic(id)))).toEqual(Array.from({ length: 20 }, () => true));
  expect(asked).toHaveLength(1);
});

test("may prove itself by a key, and by nothing that a document cannot keep to itself", async () => {
  const jwks = { keys: [{ kty: "EC", crv: "P-256", x: "a", y: "b" }] };
  const id = publish("/keys.json", { token_endpoint_auth_method: "private_key_jwt", jwks });
  expect(await mayBegin(id)).toBe(true);
  expect(await isPublic(id)).toBe(false);
  for (const way of ["client_secret_basic", "client_secret_post"])
    expect(await mayBegin(publish(`/${way}.json`, { token_endpoint_auth_method: way }))).toBe(false);
});

test("is nobody when the document is of another, has a secret or cannot be read [attack:OS-25]", async () => {
  const wrong = [
    publish("/other.json", { client_id: `${base}/agent.json` }),
    publish("/unnamed.json", { client_id: undefined }),
    publish("/secret.json", { client_secret: "x" }),
    publish("/secret-that-ends.json", { client_secret_expires_at: 0 }),
    publish("/machine.json", { grant_types: ["client_credentials"] }),
    publish("/script.json", { redirect_uris: ["javascript:alert(1)"] }),
    publish("/text.json", {}, { headers: { "content-type": "text/plain" } }),
    publish("/page.json", {}, { headers: { "content-type": "text/html; a=application/json" } }),
    publish("/long.json", { padding: "x".repeat(20_000) }),
    publish("/gone.json", {}, { status: 404 }),
    publish("/broken.json", {}, { status: 500 }),
    publish("/part.json", {}, { status: 206 }),
    publish("/moved.json", {}, { status: 302, headers: { location: `${base}/agent.json` } }),
    publish("/sector.json", { subject_type: "pairwise", sector_identifier_uri: `${base}/others.json` }),
  ];
  documents["/others.json"] = { body: JSON.stringify(["https://others.example/cb"]) };
  publish("/agent.json");
  for (const id of wrong) expect({ id, known: (await isPublic(id)) || (await mayBegin(id)) }).toEqual({ id, known: false });
  expect(asked).not.toContain("/agent.json");
  expect(asked).toContain("/others.json");
});

test("that does not answer within five seconds is nobody [attack:OS-25]", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const come = once(server, "request");
  let known: boolean | undefined;
  const judged = isPublic(`${base}/silent.json`).then((answer) => (known = answer));
  await come;
  await vi.advanceTimersByTimeAsync(4_999);
  expect(known).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  expect(await judged).toBe(false);
});

test("is written in one way only", async () => {
  publish("/agent.json");
  for (const id of [`${base}/x/../agent.json`, `${base}/agent.json#x`, base, `${base}/`, `http://user@${base.slice(7)}/agent.json`])
    expect(await isPublic(id)).toBe(false);
  expect(asked).toEqual([]);
});

test("over http, or inside, is nobody where this is no developer's machine [attack:OS-25]", async () => {
  const id = publish("/agent.json");
  const elsewhere = await oauthHouse({ registration: { mode: "open" } });
  for (const url of [id, id.replace("http:", "https:"), "https://169.254.169.254/client.json"])
    expectError(await post(elsewhere, "/oauth/revoke", { client_id: url, token: "x" }), 401, "invalid_client");
  expect(asked).toEqual([]);
  expect(await newClient(elsewhere)).toBeDefined();
  await elsewhere.close();
});

test("is not asked for where that is off, as it is wherever clients may not register openly", async () => {
  const token = "an initial access token of some length";
  for (const registration of [{ mode: "open", metadataDocuments: false }, { mode: "token", token }, { mode: "off" }] as const) {
    const closed = await oauthHouse({ issuer: "http://localhost:3000", registration });
    expect(await mayBegin(publish("/agent.json"), closed)).toBe(false);
    await closed.close();
  }
  expect(asked).toEqual([]);
});
