import { beforeEach, describe, expect, test } from "vitest";
import { ada, auth, eachInAHouse } from "./oauth-fixture.ts";
import { basic, claimsOf, expectError, get, issuer, newClient, post, type Reply, type TestClient, type TestPerson } from "./oauth-house.ts";

const grant = "urn:ietf:params:oauth:grant-type:device_code";
const html = { accept: "text/html" };
eachInAHouse({ ada: {} }, { oauth: { scopes: { "posts:read": "Read your posts" } } });
let tv: TestClient;
beforeEach(async () => {
  tv = await newClient(auth, {
    name: "Living room <b>TV</b>",
    authentication: "none",
    grants: [grant, "refresh_token"],
    scopes: ["openid", "posts:read"],
  });
});

const begin = (scope = "openid posts:read", client = tv) => post(auth, "/oauth/device", { client_id: client.id, scope });
const poll = ({ body }: Reply, client = tv) =>
  post(auth, "/oauth/token", { grant_type: grant, client_id: client.id, device_code: String(body["device_code"]) });
const pollLater = (started: Reply, client = tv) => {
  auth.clock.advance("30s");
  return poll(started, client);
};
const page = (person: TestPerson, query = "") => get(auth, `/device${query}`, { ...html, cookie: person.cookie });
const decide = (person: TestPerson, user_code: unknown, decision = "allow", headers: Record<string, string> = {}) =>
  post(auth, "/device", { user_code: String(user_code), decision }, { ...html, cookie: person.cookie, origin: issuer, ...headers });

describe("a device without a browser (RFC 8628)", () => {
  test("shows a code, asks until a person has decided, and gets tokens once", async () => {
    const started = await begin();
    expect(started.body).toEqual({
      device_code: expect.stringMatching(/^lkd_live_/),
      user_code: expect.stringMatching(/^[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}$/),
      verification_uri: `${issuer}/device`,
      verification_uri_complete: `${issuer}/device?user_code=${String(started.body["user_code"])}`,
      expires_in: 600,
      interval: 5,
    });
    expectError(await poll(started), 400, "authorization_pending");
    const asked = await page(ada, `?user_code=${String(started.body["user_code"])}`);
    expect(asked.status).toBe(200);
    expect(asked.text).toContain("Read your posts");
    expect(asked.text).toContain("It is over after 30 days, or when it was not used for 7 days.");
    expect(asked.text).toContain(String(started.body["user_code"]));
    expect((await decide(ada, started.body["user_code"])).text).toContain("Your device is connected");
    const tokens = await pollLater(started);
    expect(tokens).toMatchObject({
      status: 200,
      body: { token_type: "Bearer", scope: "openid posts:read", refresh_token: expect.any(String) },
    });
    expect(claimsOf(tokens.body["access_token"])).toMatchObject({ sub: ada.id, client_id: tv.id });
    expect(claimsOf(tokens.body["id_token"])).toMatchObject({ sub: ada.id, aud: tv.id });
    expectError(await pollLater(started), 400, "invalid_grant");
    const refreshed = await post(auth, "/oauth/token", {
      grant_type: "refresh_token",
      client_id: tv.id,
      refresh_token: String(tokens.body["refresh_token"]),
    });
    expect(refreshed.status).toBe(200);
  });

  test("gets one set of tokens when it asks many times at once", async () => {
    const started = await begin();
    await decide(ada, started.body["user_code"]);
    auth.clock.advance("30s");
    const answers = await Promise.all(Array.from({ length: 8 }, () => poll(started)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test("hears that it was denied, that it asks too often, and that it is too late", async () => {
    const denied = await begin();
    expect((await decide(ada, denied.body["user_code"], "deny")).text).toContain("was not connected");
    expectError(await poll(denied), 400, "access_denied");
    const hasty = await begin();
    expectError(await poll(hasty), 400, "authorization_pending");
    expectError(await poll(hasty), 400, "slow_down");
    auth.clock.advance("6s");
    // Ten seconds from now on.
    expectError(await poll(hasty), 400, "authorization_pending");
    auth.clock.advance("6s");
    expectError(await poll(hasty), 400, "slow_down");
    auth.clock.advance("11m");
    expectError(await poll(hasty), 400, "expired_token");
    expect((await decide(ada, hasty.body["user_code"])).status).toBe(400);
  });

  test("is of its own client, which is registered for it", async () => {
    const started = await begin();
    await decide(ada, started.body["user_code"]);
    const other = await newClient(auth, { authentication: "none", grants: [grant] });
    expectError(await pollLater(started, other), 400, "invalid_grant");
    expectError(await begin("admin"), 400, "invalid_scope");
    const web = await newClient(auth);
    expectError(await post(auth, "/oauth/device", {}, { authorization: basic(web) }), 400, "unauthorized_client");
    expectError(await post(auth, "/oauth/device", { client_id: "cli_x" }), 401, "invalid_client");
    for (const device_code of ["", "x", "lkd_live_x", `${String(started.body["device_code"])}x`])
      expect((await poll({ ...started, body: { device_code } })).status).toBe(400);
  });

  test("no longer gets tokens once the person is disabled", async () => {
    expect.hasAssertions();
    const started = await begin();
    await decide(ada, started.body["user_code"]);
    await auth.users.disable(ada.id);
    expectError(await pollLater(started), 400, "invalid_grant");
  });
});

describe("the page /device", () => {
  test("asks for the code of whoever is signed in, and sends others to sign in", async () => {
    expect((await page(ada)).text).toContain("Type the code that the device shows");
    const stranger = await get(auth, "/device?user_code=BCDF-GHJK", html);
    expect(stranger.headers.get("location")).toContain(`login?return=${encodeURIComponent("/device?user_code=BCDF-GHJK")}`);
    expect((await get(auth, "/device")).status).toBe(401);
  });

  test("takes a code as people type it, and shows names as text", async () => {
    const started = await begin();
    const typed = String(started.body["user_code"]).toLowerCase().replace("-", " ");
    const { text } = await page(ada, `?user_code=${encodeURIComponent(typed)}`);
    expect(text).toContain("Living room &lt;b&gt;TV&lt;/b&gt;");
    expect(text).not.toContain("<b>TV");
  });

  test("changes nothing by a link or from a foreign page [attack:OS-17]", async () => {
    const started = await begin();
    await page(ada, `?user_code=${String(started.body["user_code"])}&decision=allow`);
    expect((await decide(ada, started.body["user_code"], "allow", { origin: "https://evil.example" })).status).toBe(403);
    expect((await decide(ada, started.body["user_code"], "maybe")).status).toBe(400);
    expectError(await pollLater(started), 400, "authorization_pending");
  });

  test("lets nobody find codes by trying: oauth.unknown-user-code, then oauth.too-many-user-codes", async () => {
    const started = await begin();
    for (let tries = 0; tries < 10; tries += 1) {
      const wrong = await page(ada, "?user_code=BBBB-BBBB");
      expect(wrong.status).toBe(400);
      expect(wrong.text).toContain("This code is not known");
    }
    const full = await page(ada, `?user_code=${String(started.body["user_code"])}`);
    expect(full.status).toBe(429);
    expect(full.headers.get("retry-after")).toBe("900");
    expect((await decide(ada, started.body["user_code"])).status).toBe(429);
    auth.clock.advance("16m");
    expect((await page(ada, `?user_code=${String((await begin()).body["user_code"])}`)).status).toBe(200);
  });

  test("lets nobody find codes by trying many at once", async () => {
    const tries = await Promise.all(Array.from({ length: 40 }, () => page(ada, "?user_code=BBBB-BBBB")));
    expect(tries.filter(({ status }) => status === 400)).toHaveLength(10);
    expect(tries.filter(({ status }) => status === 429)).toHaveLength(30);
  });

  test("answers a program in JSON", async () => {
    const started = await begin();
    const answer = await get(auth, `/device?user_code=${String(started.body["user_code"])}`, { cookie: ada.cookie });
    expect(answer.body["device"]).toMatchObject({
      client: { id: tv.id },
      scopes: [{ scope: "openid" }, { scope: "posts:read", words: "Read your posts" }],
    });
  });
});

test("the metadata names the endpoint, and codes of the refusals are oauth.authorization-pending, oauth.slow-down and oauth.expired-token", async () => {
  const { body } = await get(auth, "/.well-known/oauth-authorization-server");
  expect(body["device_authorization_endpoint"]).toBe(`${issuer}/oauth/device`);
  expect(body["grant_types_supported"]).toContain(grant);
});
