// Whether an access token is signed or opaque: by its client, or by the API that it is for.
import { beforeEach, expect, test } from "vitest";
import { auth, eachInAHouse } from "./oauth-fixture.ts";
import {
  api,
  basic,
  codeOf,
  expectError,
  issuer,
  newApp,
  newClient,
  newPerson,
  oauthHouse,
  post,
  redeem,
  type TestClient,
} from "./oauth-house.ts";

const open = "https://open.example.com/";
const exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
eachInAHouse({}, { jwt: { audiences: [api, open] }, oauth: { opaqueFor: [api] } });
let service: TestClient;
beforeEach(async () => {
  service = await newClient(auth, { scopes: ["posts:read"], introspects: [api] });
});

const tokenFor = async (form: string, client = service) =>
  String(
    (await post(auth, "/oauth/token", `grant_type=client_credentials&${form}`, { authorization: basic(client) })).body["access_token"],
  );
const formOf = (token: string) => (token.startsWith("lka_") ? "opaque" : token.split(".").length === 3 ? "jwt" : token);
const asked = (...resources: string[]) => resources.map((resource) => `resource=${encodeURIComponent(resource)}`).join("&");

test("a token for an API that gets opaque ones is opaque, alone or beside others, whatever the client is registered for", async () => {
  expect(formOf(await tokenFor(asked(api)))).toBe("opaque");
  expect(formOf(await tokenFor(asked(open, api)))).toBe("opaque");
  expect(formOf(await tokenFor(asked(open)))).toBe("jwt");
  expect(formOf(await tokenFor(""))).toBe("jwt");
  const opaque = await newClient(auth, { tokenFormat: "opaque" });
  expect(formOf(await tokenFor(asked(open), opaque))).toBe("opaque");
});

test("the API learns of such a token by introspection", async () => {
  const answer = await post(auth, "/oauth/introspect", { token: await tokenFor(asked(api)) }, { authorization: basic(service) });
  expect(answer.body).toMatchObject({ active: true, aud: api, scope: "posts:read" });
});

test("a person's token is of the form of the API that it is for, at the first and at each refresh", async () => {
  const app = await newApp(auth, { scopes: ["openid", "posts:read"] });
  const code = await codeOf(auth, app, await newPerson(auth), { resource: api });
  const { body } = await redeem(auth, app, code);
  expect(formOf(String(body["access_token"]))).toBe("opaque");
  const form = { grant_type: "refresh_token", refresh_token: String(body["refresh_token"]) };
  const next = await post(auth, "/oauth/token", form, { authorization: basic(app) });
  expect(formOf(String(next.body["access_token"]))).toBe("opaque");
});

test("a signed token for it cannot be asked for in exchange", async () => {
  const by = await newClient(auth, { grants: [exchange], scopes: ["posts:read"] });
  const { token } = await auth.tokens.issue({ subject: (await newPerson(auth)).id, scopes: ["posts:read"], clientId: by.id });
  const form = {
    grant_type: exchange,
    subject_token: token,
    subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
    requested_token_type: "urn:ietf:params:oauth:token-type:jwt",
  };
  expectError(await post(auth, "/oauth/token", { ...form, resource: api }, { authorization: basic(by) }), 400, "invalid_request");
  const good = await post(auth, "/oauth/token", { ...form, resource: open }, { authorization: basic(by) });
  expect(formOf(String(good.body["access_token"]))).toBe("jwt");
});

test("a token for no resource in particular is of the form of the issuer's own API", async () => {
  const own = await oauthHouse({ oauth: { opaqueFor: [issuer] } });
  const client = await newClient(own);
  const answer = await post(own, "/oauth/token", { grant_type: "client_credentials" }, { authorization: basic(client) });
  expect(formOf(String(answer.body["access_token"]))).toBe("opaque");
  await own.close();
});

test("opaqueFor names audiences that there are", async () => {
  for (const opaqueFor of [["https://other.example.com/"], api, [5]])
    await expect(oauthHouse({ oauth: { opaqueFor } as never })).rejects.toThrow(/^oauth\.opaqueFor/);
});
