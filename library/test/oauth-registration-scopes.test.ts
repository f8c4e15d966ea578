// What clients may ask for that registered themselves: a Model Context Protocol client learns of further scopes from the API, later.
import { beforeEach, expect, test } from "vitest";
import { ada, auth, eachInAHouse } from "./oauth-fixture.ts";
import {
  authorize,
  claimsOf,
  expectError,
  issuer,
  newApp,
  oauthHouse,
  post,
  redeem,
  redirectUri,
  requestOf,
  sentTo,
  type TestClient,
} from "./oauth-house.ts";

const registration = { mode: "open", scopes: ["openid", "posts:read", "posts:write"] } as const;
const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code";
eachInAHouse({ ada: {} }, { registration });
let agent: TestClient;
beforeEach(async () => {
  agent = await registered("posts:read");
});

/** A public client that registers itself, for this scope. */
async function registered(scope: string, on = auth): Promise<TestClient> {
  const metadata = { redirect_uris: [redirectUri], token_endpoint_auth_method: "none", scope };
  const grant_types = ["authorization_code", "refresh_token", deviceGrant];
  const { body } = await post(on, "/oauth/register", JSON.stringify({ ...metadata, grant_types }), { "content-type": "application/json" });
  expect(body["scope"]).toBe(scope);
  return { id: String(body["client_id"]), secret: "" };
}

/** What a person is asked for; she allows it, and these are the tokens. */
async function allowed(scope: string | undefined, on = auth) {
  const asked = await authorize(on, requestOf(agent, { scope }), ada.cookie);
  const { consent } = asked.body as { consent: { request: string; scopes: readonly { scope: string }[] } };
  const decided = await post(
    on,
    "/oauth/authorize/decision",
    { request: consent.request, decision: "allow" },
    { cookie: ada.cookie, origin: issuer },
  );
  const tokens = await redeem(on, agent, sentTo(decided)["code"]!);
  return { askedFor: consent.scopes.map((one) => one.scope), scope: claimsOf(tokens.body["access_token"])["scope"], tokens: tokens.body };
}

/** The error with which the browser is sent back. */
const refused = async (client: TestClient, scope: string, on = auth) =>
  sentTo(await authorize(on, requestOf(client, { scope }), ada.cookie))["error"];

test("a client that registered for less asks for more once an API tells it to, and a person is asked again", async () => {
  expect(await allowed("posts:read")).toMatchObject({ askedFor: ["posts:read"], scope: "posts:read" });
  const more = await allowed("posts:read posts:write");
  expect(more).toMatchObject({ askedFor: ["posts:read", "posts:write"], scope: "posts:read posts:write" });
});

test("a request without scope gets what the client registered for", async () => {
  expect(await allowed(undefined)).toMatchObject({ askedFor: ["posts:read"], scope: "posts:read" });
});

test("nothing that people did not agree to comes by refreshing", async () => {
  const { tokens } = await allowed("posts:read");
  const form = { grant_type: "refresh_token", client_id: agent.id, refresh_token: String(tokens["refresh_token"]) };
  expectError(await post(auth, "/oauth/token", { ...form, scope: "posts:read posts:write" }), 400, "invalid_scope");
});

test("a client that registered itself asks for nothing beyond registration.scopes, wherever it asks: oauth.invalid-scope", async () => {
  expect(await refused(agent, "posts:read admin")).toBe("invalid_scope");
  expectError(await post(auth, "/oauth/par", requestOf(agent, { scope: "admin" })), 400, "invalid_scope");
  expectError(await post(auth, "/oauth/device", { client_id: agent.id, scope: "admin" }), 400, "invalid_scope");
  expect((await post(auth, "/oauth/device", { client_id: agent.id, scope: "posts:write" })).status).toBe(200);
});

test("a client that an operator registered is held to its own scopes", async () => {
  const app = await newApp(auth, { scopes: ["openid", "posts:read"] });
  expect(await refused(app, "posts:read posts:write")).toBe("invalid_scope");
});

test("what the operator takes out of registration.scopes, clients that registered before cannot ask for any more", async () => {
  const stricter = await oauthHouse({
    ...auth.options,
    clock: auth.clock,
    registration: { mode: "off", scopes: ["openid", "posts:write"] },
  });
  expect(await refused(agent, "posts:read", stricter)).toBe("invalid_scope");
  expect(await allowed(undefined, stricter)).toMatchObject({ askedFor: [] });
});
