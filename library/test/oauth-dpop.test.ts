import { beforeEach, describe, expect, test } from "vitest";
import { athOf, type DpopKey, dpopKey } from "./dpop-key.ts";
import { auth, eachInAHouse } from "./oauth-fixture.ts";
import {
  basic,
  codeOf,
  expectError,
  get,
  issuer,
  newApp,
  newClient,
  newPerson,
  oauthHouse,
  post,
  redeem,
  type TestClient,
} from "./oauth-house.ts";

const tokenUrl = `${issuer}/oauth/token`;
eachInAHouse();
let key: DpopKey;
beforeEach(async () => {
  key = await dpopKey(auth.clock);
});

const grant = { grant_type: "client_credentials" };
const ask = (client: TestClient, dpop?: string, on = auth) =>
  post(on, "/oauth/token", grant, { authorization: basic(client), ...(dpop === undefined ? {} : { dpop }) });
const forToken = (claims: object = {}, by = key) => by.prove({ htm: "POST", htu: tokenUrl, ...claims });

describe.each(["jwt", "opaque"] as const)("an access token in the form %s", (tokenFormat) => {
  test("is bound to the key of the proof that came with the request for it", async () => {
    const client = await newClient(auth, { tokenFormat, scopes: ["posts:read"] });
    const answer = await ask(client, await forToken());
    expect(answer).toMatchObject({ status: 200, body: { token_type: "DPoP" } });
    const token = String(answer.body["access_token"]);
    const whoami = async (dpop: string) => get(auth, "/whoami", { authorization: `DPoP ${token}`, dpop });
    expect(await whoami(await key.prove({ htm: "GET", htu: `${issuer}/whoami`, ath: athOf(token) }))).toMatchObject({
      status: 200,
      body: { subject: client.id, confirmation: { jkt: key.jkt } },
    });
    const other = await dpopKey(auth.clock);
    expect((await whoami(await other.prove({ htm: "GET", htu: `${issuer}/whoami`, ath: athOf(token) }))).status).toBe(401);
    expect((await get(auth, "/whoami", { authorization: `Bearer ${token}` })).status).toBe(401);
    const told = await post(auth, "/oauth/introspect", { token }, { authorization: basic(client) });
    expect(told.body).toMatchObject({ active: true, token_type: "DPoP", cnf: { jkt: key.jkt } });
  });
});

test("a request without a proof gets a bearer token, unless the client is registered for bound ones", async () => {
  expect((await ask(await newClient(auth))).body["token_type"]).toBe("Bearer");
  const strict = await newClient(auth, { metadata: { dpop_bound_access_tokens: true } });
  expectError(await ask(strict), 400, "invalid_dpop_proof");
  expect((await ask(strict, await forToken())).body["token_type"]).toBe("DPoP");
});

test("a proof that is not for this request is oauth.invalid-dpop-proof, and nothing is issued [attack:OS-23]", async () => {
  const client = await newClient(auth);
  const good = await forToken();
  expect((await ask(client, good)).status).toBe(200);
  expectError(await ask(client, good), 400, "invalid_dpop_proof");
  for (const proof of ["", "x", await forToken({ htm: "GET" }), await forToken({ htu: issuer }), await forToken({ iat: 1 })])
    expectError(await ask(client, proof), 400, "invalid_dpop_proof");
  expect((await ask(client, await forToken({ htu: `${tokenUrl}?x=1` }))).status).toBe(200);
});

test("a refresh token of a public client is bound to the key of its first proof [attack:OS-23]", async () => {
  const app = await newApp(auth, { authentication: "none" });
  const code = await codeOf(auth, app, await newPerson(auth), { scope: "offline_access" });
  const first = await redeem(auth, app, code, {}, { dpop: await forToken() });
  expect(first).toMatchObject({ status: 200, body: { token_type: "DPoP" } });
  const form = { grant_type: "refresh_token", refresh_token: String(first.body["refresh_token"]), client_id: app.id };
  const refresh = (headers: Record<string, string>) => post(auth, "/oauth/token", form, headers);
  expectError(await refresh({}), 400, "invalid_grant");
  expectError(await refresh({ dpop: await forToken({}, await dpopKey(auth.clock)) }), 400, "invalid_grant");
  // Neither has used it up.
  expect(await refresh({ dpop: await forToken() })).toMatchObject({ status: 200, body: { token_type: "DPoP" } });
});

test("a server that asks for nonces tells the nonce with oauth.use-dpop-nonce", async () => {
  const strict = await oauthHouse({ dpop: { requireNonce: true }, clock: auth.clock });
  const client = await newClient(strict);
  const refused = await ask(client, await forToken(), strict);
  expectError(refused, 400, "use_dpop_nonce");
  const nonce = refused.headers.get("dpop-nonce");
  expect((await ask(client, await forToken({ nonce }), strict)).status).toBe(200);
  expectError(await ask(client, await forToken({ nonce: "made up" }), strict), 400, "use_dpop_nonce");
  await strict.close();
});

test("the metadata says which signatures a proof may have", async () => {
  expect((await get(auth, "/.well-known/oauth-authorization-server")).body).toMatchObject({
    dpop_signing_alg_values_supported: ["ES256", "ES384", "ES512", "EdDSA", "PS256", "RS256"],
  });
});
