import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { TestLatchkey } from "latchkey/testing";
import { basic, expectError, get, oauthHouse, post, type Reply } from "./oauth-house.ts";

let auth: TestLatchkey;
let server: Server | undefined;
beforeEach(async () => {
  auth = await oauthHouse({ registration: { mode: "open", scopes: ["openid", "posts:read"] } });
});
afterEach(async () => {
  server?.close();
  server = undefined;
  await auth.close();
});

const json = { "content-type": "application/json" };
const app = { client_name: "Calendar", redirect_uris: ["https://app.example.com/callback"] };
const register = (body: unknown, headers: Record<string, string> = {}, on = auth) =>
  post(on, "/oauth/register", typeof body === "string" ? body : JSON.stringify(body), { ...json, ...headers });
const bearer = ({ body }: Reply) => ({ authorization: `Bearer ${String(body["registration_access_token"])}` });
const pathOf = ({ body }: Reply) => new URL(String(body["registration_client_uri"])).pathname;
const send = (method: string, path: string, headers: Record<string, string>, body?: unknown) =>
  auth.fetch(
    new Request(`${auth.issuer}${path}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : json) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );

describe("a client that registers itself", () => {
  test("gets what it needs, and what it asked for as far as it may", async () => {
    const answer = await register({ ...app, scope: "openid admin", client_uri: "https://app.example.com", unknown: 1 });
    expect(answer.status).toBe(201);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.body).toEqual({
      client_id: expect.stringMatching(/^cli_/),
      client_id_issued_at: Math.floor(auth.clock.now() / 1_000),
      client_secret: expect.stringMatching(/^lkc_/),
      client_secret_expires_at: 0,
      registration_access_token: expect.any(String),
      registration_client_uri: `${auth.issuer}/oauth/register/${String(answer.body["client_id"])}`,
      client_name: "Calendar",
      client_uri: "https://app.example.com",
      redirect_uris: app.redirect_uris,
      grant_types: ["authorization_code"],
      response_types: ["code"],
      token_endpoint_auth_method: "client_secret_basic",
      scope: "openid",
      subject_type: "public",
      id_token_signed_response_alg: "ES256",
    });
    expect(await auth.clients.find(String(answer.body["client_id"]))).toMatchObject({ firstParty: false, roles: [], scopes: ["openid"] });
    expect((await get(auth, "/.well-known/oauth-authorization-server")).body["registration_endpoint"]).toBe(
      `${auth.issuer}/oauth/register`,
    );
  });

  test("may be public, and then has no secret", async () => {
    const answer = await register({ redirect_uris: ["http://127.0.0.1/cb"], token_endpoint_auth_method: "none" });
    expect(answer.body).toMatchObject({ token_endpoint_auth_method: "none", client_name: "127.0.0.1", scope: "openid posts:read" });
    expect(answer.body).not.toHaveProperty("client_secret");
  });

  test("gets no rights of its own: oauth.invalid-client-metadata", async () => {
    expect.hasAssertions();
    for (const change of [
      { grant_types: ["client_credentials"] },
      { grant_types: ["authorization_code", "urn:ietf:params:oauth:grant-type:token-exchange"] },
      { grant_types: ["implicit"] },
      { grant_types: "authorization_code" },
      { response_types: ["token"] },
      { subject_type: "other" },
      { token_endpoint_auth_method: "magic" },
      { token_endpoint_auth_method: "private_key_jwt" },
      { jwks: { keys: [{ kty: "oct", k: "c2VjcmV0" }] }, token_endpoint_auth_method: "private_key_jwt" },
      { id_token_signed_response_alg: "none" },
      { scope: 5 },
      { backchannel_logout_uri: "http://app.example.com/logout" },
      { dpop_bound_access_tokens: "yes" },
      { client_name: "x".repeat(10_240) },
      { client_name: "evil\u202eliame" },
      { client_name: 5 },
    ])
      expectError(await register({ ...app, ...change }), 400, "invalid_client_metadata");
  });

  test("links to nothing that is not a web page: oauth.invalid-redirect-uri [attack:OS-04]", async () => {
    const scripts = [
      "javascript:alert(1)",
      "JaVaScRiPt:alert(1)",
      "data:text/html,x",
      "vbscript:x",
      "blob:https://x/y",
      " javascript:alert(1)",
      "java\nscript:alert(1)",
    ];
    for (const uri of scripts) {
      expectError(await register({ ...app, redirect_uris: [uri] }), 400, "invalid_redirect_uri");
      expectError(await register({ ...app, redirect_uris: [uri], token_endpoint_auth_method: "none" }), 400, "invalid_redirect_uri");
      for (const name of ["logo_uri", "client_uri", "tos_uri", "policy_uri"])
        expectError(await register({ ...app, [name]: uri }), 400, "invalid_client_metadata");
      expectError(await register({ ...app, post_logout_redirect_uris: [uri] }), 400, "invalid_client_metadata");
    }
    for (const uris of [
      [],
      "https://x.example/",
      [5],
      ["http://app.example.com/cb"],
      ["https://app.example.com/#x"],
      ["https://*.example.com/"],
    ])
      expect((await register({ ...app, redirect_uris: uris })).body["error"]).toBe("invalid_redirect_uri");
  });

  test("sends a JSON object of bounded size, whatever else it is", async () => {
    expect.hasAssertions();
    for (const body of ["", "x", "[]", "null", '{"a":1,"a":2}', "\u0000", `{"client_name":"${"x".repeat(70_000)}"}`])
      expectError(await register(body), 400, "invalid_client_metadata");
    expectError(await post(auth, "/oauth/register", { client_name: "x" }), 400, "invalid_client_metadata");
  });

  test("is one of twenty an hour from its address: oauth.temporarily-unavailable", async () => {
    const from = () =>
      auth.fetch(new Request(`${auth.issuer}/oauth/register`, { method: "POST", headers: json, body: JSON.stringify(app) }), {
        peerAddress: "192.0.2.1",
      });
    for (let taken = 0; taken < 20; taken += 1) expect((await from()).status).toBe(201);
    const refused = await from();
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("3600");
    expect((await register(app)).status).toBe(201);
    auth.clock.advance("61m");
    expect((await from()).status).toBe(201);
  });
});

describe("a registration", () => {
  test("is read, changed and ended by its own token only (RFC 7592)", async () => {
    const mine = await register(app);
    const other = await register(app);
    const read = await send("GET", pathOf(mine), bearer(mine));
    expect(await read.json()).toMatchObject({ client_id: mine.body["client_id"], client_name: "Calendar" });
    for (const headers of [bearer(other), {}, { authorization: "Bearer x" }])
      for (const method of ["GET", "DELETE"]) {
        const refused = await send(method, pathOf(mine), headers);
        expect({ status: refused.status, error: ((await refused.json()) as { error: string }).error }).toEqual({
          status: 401,
          error: "invalid_token",
        });
        expect(refused.headers.get("www-authenticate")).toContain("Bearer");
      }
    const next = { ...app, client_id: mine.body["client_id"], client_name: "Diary" };
    expect(await (await send("PUT", pathOf(mine), bearer(mine), next)).json()).toMatchObject({ client_name: "Diary" });
    expect((await auth.clients.find(String(mine.body["client_id"])))?.name).toBe("Diary");
    expect((await send("PUT", pathOf(mine), bearer(mine), { ...next, client_id: other.body["client_id"] })).status).toBe(400);
    expect((await send("PUT", pathOf(mine), bearer(mine), { ...next, token_endpoint_auth_method: "none" })).status).toBe(400);
    expect((await send("DELETE", pathOf(mine), bearer(mine))).status).toBe(204);
    expect((await send("GET", pathOf(mine), bearer(mine))).status).toBe(401);
    expect(await auth.clients.find(String(mine.body["client_id"]))).toBeUndefined();
  });

  test("of which nobody made use for a week is gone, one that was used stays", async () => {
    const [unused, late, used] = [await register(app), await register(app), await register(app)];
    const authenticate = (answer: Reply) =>
      post(
        auth,
        "/oauth/revoke",
        { token: "x" },
        {
          authorization: basic({ id: String(answer.body["client_id"]), secret: String(answer.body["client_secret"]) }),
        },
      );
    expect((await authenticate(used)).status).toBe(200);
    auth.clock.advance("8d");
    expectError(await authenticate(late), 401, "invalid_client");
    expect((await authenticate(used)).status).toBe(200);
    expect((await send("GET", pathOf(unused), bearer(unused))).status).toBe(401);
    await register(app);
    expect(await auth.clients.find(String(unused.body["client_id"]))).toBeUndefined();
    expect(await auth.clients.find(String(used.body["client_id"]))).toBeDefined();
  });
});

test("a registration that another process deletes while it is being replaced is gone, and told so", async () => {
  const home = await oauthHouse({ issuer: "http://localhost:3000", registration: { mode: "open" } });
  const elsewhere = await oauthHouse({ ...home.options, clock: home.clock });
  let clientId = "";
  server = createServer((_request, response) => {
    const answer = () => response.setHeader("content-type", "application/json").end(JSON.stringify(app.redirect_uris));
    void (clientId === "" ? Promise.resolve() : elsewhere.clients.delete(clientId)).then(answer);
  });
  await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
  // While it is judged, the document of its sector is asked for.
  const ours = { ...app, sector_identifier_uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}/uris.json` };
  const mine = await register(ours, {}, home);
  clientId = String(mine.body["client_id"]);
  const put = { method: "PUT", headers: { ...bearer(mine), ...json }, body: JSON.stringify({ ...ours, client_id: clientId }) };
  const answer = await home.fetch(new Request(`${home.issuer}${pathOf(mine)}`, put));
  expect({ status: answer.status, body: await answer.json() }).toMatchObject({ status: 401, body: { error: "invalid_token" } });
  await home.flush();
  expect(await home.audit.list({ action: "client.updated" })).toEqual([]);
  await home.close();
});

test("registration is off unless it is configured, and with a token it asks for it: oauth.invalid-token", async () => {
  const off = await oauthHouse();
  expect((await register(app, {}, off)).status).toBe(404);
  expect((await get(off, "/.well-known/oauth-authorization-server")).body).not.toHaveProperty("registration_endpoint");
  await off.close();
  const token = "an initial access token of some length";
  const closed = await oauthHouse({ registration: { mode: "token", token } });
  const wrong: Record<string, string>[] = [{}, { authorization: "Bearer x" }, { authorization: `Basic ${token}` }];
  for (const headers of wrong) expectError(await register(app, headers, closed), 401, "invalid_token");
  expect((await register(app, { authorization: `Bearer ${token}` }, closed)).status).toBe(201);
  await closed.close();
  for (const registration of [
    { mode: "token" },
    { mode: "token", token: "short" },
    { mode: "open", token },
    { mode: "yes" },
    { scopes: [" "] },
  ])
    await expect(oauthHouse({ registration } as never)).rejects.toThrow(/^registration\./);
});
