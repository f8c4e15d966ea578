import { describe, expect, test } from "vitest";
import { ada, app, auth, eachInAHouse } from "./oauth-fixture.ts";
import {
  authorize,
  challenge,
  codeOf,
  claimsOf,
  get,
  issuer,
  newApp,
  newPerson,
  post,
  redeem,
  redirectUri,
  requestOf,
  sentTo,
  signedIn,
} from "./oauth-house.ts";

eachInAHouse({ app: {}, ada: {} });

const html = { accept: "text/html" };
const page = (request: string, cookie = ada.cookie) => get(auth, `/oauth/authorize?${request}`, { ...html, cookie });
const codes = () =>
  auth.store
    .database<{ latchkey_authorization_code: { digest: string } }>()
    .selectFrom("latchkey_authorization_code")
    .selectAll()
    .execute();
const errorOf = async (changes: Record<string, string | undefined>, cookie: string | undefined = ada.cookie, client = app) =>
  sentTo(await authorize(auth, requestOf(client, changes), cookie))["error"];
describe("where an answer goes", () => {
  test("is the registered address to the character, or nowhere [attack:OS-01]", async () => {
    const wrong = [
      `${redirectUri}/`,
      `${redirectUri}?x=1`,
      `${redirectUri}#f`,
      "https://app.example.com/CB",
      "https://app.example.com/cb/../x",
      "https://app.example.com/cb%2f..%2fx",
      "https://app.example.com/cb;/..",
      "//app.example.com/cb",
      "https://app.example.com:443/cb",
      "http://app.example.com/cb",
      "https://app.example.com@evil.example/cb",
      "https://app.example.com\\@evil.example/cb",
      "https://app.example.com.evil.example/cb",
      "https://a@b@evil.example/cb",
      "https://app.ex\u0430mple.com/cb",
      `${redirectUri} `,
      "javascript:alert(1)",
      "x".repeat(100_000),
    ];
    for (const uri of wrong) {
      const answer = await page(requestOf(app, { redirect_uri: uri }));
      expect([uri, answer.status, answer.headers.get("location")]).toEqual([uri, 400, null]);
      expect(answer.text).toContain("This does not work");
    }
    for (const raw of ["%00", "%09", "%0a", "%ff"]) {
      const answer = await page(`${requestOf(app, { redirect_uri: undefined })}&redirect_uri=${encodeURIComponent(redirectUri)}${raw}`);
      expect([raw, answer.status, answer.headers.get("location")]).toEqual([raw, 400, null]);
    }
    expect((await page(`${requestOf(app)}&redirect_uri=${encodeURIComponent(redirectUri)}`)).status).toBe(400);
    expect((await page(requestOf({ id: "cli_nobody", secret: "" }))).status).toBe(400);
    expect((await page(requestOf(app, { client_id: undefined }))).status).toBe(400);
    expect(await codes()).toEqual([]);
  });

  test("may be left out where there is but one, and has a free port on loopback for an app without secrets", async () => {
    const without = (scope: string | undefined) => authorize(auth, requestOf(app, { redirect_uri: undefined, scope }), ada.cookie);
    expect((await without(undefined)).headers.get("location")).toMatch(/^https:\/\/app\.example\.com\/cb\?code=/);
    // OpenID Connect requires it.
    expect((await without("openid")).status).toBe(400);
    const native = await newApp(auth, { authentication: "none", redirectUris: ["http://127.0.0.1/cb", "com.example.app:/cb"] });
    for (const uri of ["http://127.0.0.1:51234/cb", "http://127.0.0.1/cb", "com.example.app:/cb"])
      expect(sentTo(await authorize(auth, requestOf(native, { redirect_uri: uri }), ada.cookie), uri)).toHaveProperty("code");
    for (const uri of [
      "http://127.0.0.1:51234/cb/x",
      "http://localhost:51234/cb",
      "http://127.0.0.1:51234/cb?x=1",
      "http://127.0.0.1:99999/cb",
      "http://127.0.0.1:0/cb",
      "com.example.app:/other",
    ])
      expect([uri, (await page(requestOf(native, { redirect_uri: uri }))).status]).toEqual([uri, 400]);
    const web = await newApp(auth, { redirectUris: ["http://127.0.0.1:8080/cb"] });
    expect((await page(requestOf(web, { redirect_uri: "http://127.0.0.1:8081/cb" }))).status).toBe(400);
  });

  test("cannot be registered as a script, or in clear, or with anything in it that leads elsewhere [attack:OS-04]", async () => {
    const wrong = [
      "javascript:alert(1)",
      "JaVaScRiPt:alert(1)",
      "data:text/html,x",
      "vbscript:x",
      "blob:x",
      " javascript:x",
      "java\nscript:x",
      "http://app.example.com/",
      "https://*.example.com/",
      "https://a@example.com/",
      "https://example.com/#f",
      "https://example.com/a/../b",
      "com.example",
      "app:/cb",
      "https:///x",
      "",
      7,
    ];
    for (const uri of wrong)
      await expect(newApp(auth, { authentication: "none", redirectUris: [uri as string] })).rejects.toMatchObject({
        option: "redirectUris",
      });
  });
});

describe("what is wrong with a request", () => {
  test("is told to the client, with its state and who says so", async () => {
    const sent = sentTo(await authorize(auth, requestOf(app, { response_type: "token" }), ada.cookie));
    expect(sent).toEqual({
      error: "unsupported_response_type",
      error_description: "Only response_type=code is supported.",
      state: "s-1",
      iss: issuer,
    });
    const expected: [Record<string, string | undefined>, string][] = [
      [{ response_type: undefined }, "invalid_request"],
      [{ response_type: "code id_token" }, "unsupported_response_type"], // oauth.unsupported-response-type
      [{ response_mode: "fragment" }, "invalid_request"],
      [{ scope: "openid nothing" }, "invalid_scope"],
      [{ prompt: "none login" }, "invalid_request"],
      [{ prompt: "create" }, "invalid_request"],
      [{ max_age: "-1" }, "invalid_request"],
      [{ max_age: "x" }, "invalid_request"],
      [{ claims: "no json" }, "invalid_request"],
      [{ claims: '{"a":1,"a":2}' }, "invalid_request"],
      [{ nonce: "x".repeat(501) }, "invalid_request"],
      [{ request: undefined, id_token_hint: "x".repeat(8_001) }, "invalid_request"],
    ];
    for (const [changes, error] of expected) expect([changes, await errorOf(changes)]).toEqual([changes, error]);
  });

  test("is PKCE that is missing, plain, or of another length [attack:OS-12]", async () => {
    const wrong: Record<string, string | undefined>[] = [
      { code_challenge: undefined, code_challenge_method: undefined },
      { code_challenge: undefined },
      { code_challenge: "" },
      { code_challenge_method: "plain" },
      { code_challenge_method: undefined },
      { code_challenge_method: "s256" },
      { code_challenge: challenge.slice(1) },
      { code_challenge: "x".repeat(129) },
      { code_challenge: `${challenge.slice(1)}!` },
    ];
    for (const changes of wrong) expect([changes, await errorOf(changes)]).toEqual([changes, "invalid_request"]);
    const nonced = await newApp(auth, { requirePkce: false });
    const none = { code_challenge: undefined, code_challenge_method: undefined };
    expect(await errorOf(none, ada.cookie, nonced)).toBe("invalid_request");
    expect(await errorOf({ ...none, nonce: "n" }, ada.cookie, nonced)).toBe(undefined);
    expect(await codes()).toHaveLength(1);
  });

  test("is what is signed or pushed where nobody reads it: oauth.request-not-supported, oauth.request-uri-not-supported", async () => {
    expect((await authorize(auth, requestOf(app, { request: "a.b.c" }), ada.cookie)).status).toBe(400);
    expect((await authorize(auth, requestOf(app, { request_uri: "https://x.example/" }), ada.cookie)).status).toBe(400);
  });

  test("is a client that has no such grant (oauth.unauthorized-client)", async () => {
    const none = await newApp(auth, { grants: ["authorization_code"] });
    const answer = await redeem(auth, none, await codeOf(auth, none, ada), { grant_type: "refresh_token" });
    expect(answer.body["error"]).toBe("unauthorized_client");
  });

  test("is never reflected into a page as it came, whatever it is [attack:OS-17]", async () => {
    const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>`;
    for (const name of [
      "client_id",
      "redirect_uri",
      "state",
      "nonce",
      "scope",
      "login_hint",
      "prompt",
      "claims",
      "response_type",
      "code_challenge",
    ]) {
      const { status, text, headers } = await page(requestOf(app, { [name]: evil }));
      expect(status).toBeLessThan(500);
      expect(text).not.toContain("<script>alert");
      expect(headers.get("location") ?? "").not.toContain("<script>");
    }
    expect((await page(requestOf(app, { state: "x".repeat(1_048_576) }))).status).toBeLessThan(500);
    for (const query of ["%ff", "client_id=%00", "=", "&&&", "client_id", "a".repeat(100_000)])
      expect((await page(query)).status).toBe(400);
  });
});

describe("somebody who is not signed in", () => {
  test("goes to the sign-in page and comes back", async () => {
    const answer = await get(auth, `/oauth/authorize?${requestOf(app, { login_hint: "ada@example.com" })}`, html);
    const location = new URL(answer.headers.get("location")!);
    expect([answer.status, location.pathname, location.searchParams.get("email")]).toEqual([303, "/login", "ada@example.com"]);
    const back = location.searchParams.get("return")!;
    const login = await get(auth, `/login${location.search}`, html);
    expect(login.text).toContain('value="ada@example.com"');
    expect(login.headers.get("content-security-policy")).toContain("form-action 'self' https://app.example.com");
    expect(sentTo(await get(auth, back, { cookie: ada.cookie, ...html }))).toHaveProperty("code");
  });

  test("is not asked when the client asks for silence: login_required (oauth.login-required) [attack:ID-03]", async () => {
    expect(sentTo(await authorize(auth, requestOf(app, { prompt: "none" })))).toMatchObject({
      error: "login_required",
      state: "s-1",
      iss: issuer,
    });
    expect(await errorOf({ prompt: "none" }, `latchkey=x; __Host-latchkey=nothing`)).toBe("login_required");
  });

  test("who posted the request is sent on to it by a link, so that the cookie comes along", async () => {
    const answer = await post(auth, "/oauth/authorize", requestOf(app), html);
    expect(answer.status).toBe(303);
    const location = new URL(answer.headers.get("location")!);
    expect(sentTo(await get(auth, location.pathname + location.search, { cookie: ada.cookie }))).toHaveProperty("code");
    expect((await post(auth, "/oauth/authorize", `${requestOf(app)}&state=2`, html)).status).toBe(400);
    expect((await post(auth, "/oauth/authorize", requestOf(app, { state: "x".repeat(20_000) }), html)).status).toBe(400);
  });
});

describe("a sign-in", () => {
  /** Follows to the sign-in page, signs in, and comes back. */
  const signInAgain = async (answer: Awaited<ReturnType<typeof get>>) => {
    const location = new URL(answer.headers.get("location")!);
    expect(location.pathname).toBe("/login");
    auth.clock.advance(1_000);
    return { cookie: await signedIn(auth, ada.id), back: location.searchParams.get("return")! };
  };

  test("is asked for anew by prompt=login, and has a new auth_time [attack:ID-03]", async () => {
    const request = requestOf(app, { prompt: "login" });
    const first = await authorize(auth, request, ada.cookie);
    const { cookie, back } = await signInAgain(first);
    // The same browser without signing in again gets nowhere.
    expect(new URL((await get(auth, back, { cookie: ada.cookie })).headers.get("location")!).pathname).toBe("/login");
    const { code } = sentTo(await get(auth, back, { cookie }));
    const { body } = await redeem(auth, app, code!);
    expect(claimsOf(body["id_token"])["auth_time"]).toBe(Math.floor(auth.clock.now() / 1_000));
  });

  test("that is older than the client registered as default_max_age is asked for anew, unless the request says otherwise [attack:ID-03]", async () => {
    const strict = await newApp(auth, { metadata: { default_max_age: 1 } });
    expect(sentTo(await authorize(auth, requestOf(strict), ada.cookie))).toHaveProperty("code");
    auth.clock.advance(2_000);
    const { cookie, back } = await signInAgain(await authorize(auth, requestOf(strict), ada.cookie));
    expect(sentTo(await get(auth, back, { cookie }))).toHaveProperty("code");
    expect(sentTo(await authorize(auth, requestOf(strict, { max_age: "60" }), ada.cookie))).toHaveProperty("code");
  });

  test("that is older than max_age is asked for anew, also of 0 seconds [attack:ID-03]", async () => {
    auth.clock.advance(2_000);
    expect(sentTo(await authorize(auth, requestOf(app, { max_age: "2" }), ada.cookie))).toHaveProperty("code");
    for (const max_age of ["1", "0"]) {
      expect(await errorOf({ max_age, prompt: "none" })).toBe("login_required");
      const { cookie, back } = await signInAgain(await authorize(auth, requestOf(app, { max_age }), ada.cookie));
      auth.clock.advance(5_000);
      expect(sentTo(await get(auth, back, { cookie }))).toHaveProperty("code");
    }
  });

  test("cannot be skipped by a mark that is made up, of another request, or old", async () => {
    const request = requestOf(app, { prompt: "login" });
    const { back, cookie } = await signInAgain(await authorize(auth, request, ada.cookie));
    const mark = new URLSearchParams(back.split("?")[1]).get("latchkey_again")!;
    const asksAgain = async (query: string, as = cookie) => new URL((await authorize(auth, query, as)).headers.get("location")!).pathname;
    expect(await asksAgain(`${request}&latchkey_again=0.${"A".repeat(43)}`)).toBe("/login");
    expect(await asksAgain(`${requestOf(app, { prompt: "login", state: "other" })}&latchkey_again=${mark}`)).toBe("/login");
    expect(await asksAgain(`${request}&latchkey_again=${mark}`)).toBe("/cb");
    auth.clock.advance(3_600_001);
    expect(await asksAgain(`${request}&latchkey_again=${mark}`, await signedIn(auth, ada.id))).toBe("/login");
  });

  test("of somebody else than in id_token_hint does not do, and neither does a hint that is none of ours", async () => {
    const { body } = await redeem(auth, app, await codeOf(auth, app, ada));
    const hint = String(body["id_token"]);
    expect(await errorOf({ prompt: "none", id_token_hint: hint })).toBe(undefined);
    const eve = await newPerson(auth, "eve@example.com");
    expect(await errorOf({ prompt: "none", id_token_hint: hint }, eve.cookie)).toBe("login_required");
    expect(await errorOf({ prompt: "none", id_token_hint: `${hint.slice(0, -4)}AAAA` })).toBe("login_required");
  });
});

describe("the answer", () => {
  test("is a redirect that posts nothing on [attack:OS-18], or a form that sends itself", async () => {
    const { headers, status } = await authorize(auth, requestOf(app), ada.cookie);
    expect([status, headers.get("referrer-policy"), headers.get("cache-control")]).toEqual([303, "no-referrer", "no-store"]);
    const posted = await page(requestOf(app, { response_mode: "form_post", state: `"><script>` }));
    expect(posted.status).toBe(200);
    expect(posted.text).toContain(`action="${redirectUri}"`);
    expect(posted.text).toMatch(/name="code" value="lkg_live_/);
    expect(posted.text).toContain(`name="state" value="&quot;&gt;&lt;script&gt;"`);
    expect(posted.headers.get("content-security-policy")).toContain("form-action https://app.example.com;");
    expect(
      sentTo(
        await authorize(
          auth,
          requestOf(await newApp(auth, { redirectUris: [`${redirectUri}?a=1`] }), { redirect_uri: `${redirectUri}?a=1` }),
          ada.cookie,
        ),
        redirectUri,
      ),
    ).toMatchObject({ a: "1" });
  });

  test("names who answers, so that one server's code is not taken to another (RFC 9207)", async () => {
    expect(sentTo(await authorize(auth, requestOf(app), ada.cookie))["iss"]).toBe(issuer);
    expect((await get(auth, "/.well-known/openid-configuration")).body["authorization_response_iss_parameter_supported"]).toBe(true);
  });
});

test("whoever comes without a session is sent to sign in, and no refusal is written down: nothing was refused", async () => {
  const before = await auth.audit.list();
  const sent = await authorize(auth, requestOf(app), undefined);
  expect(new URL(sent.headers.get("location")!, issuer).pathname).toBe("/login");
  expect(await auth.audit.list()).toEqual(before);
});
