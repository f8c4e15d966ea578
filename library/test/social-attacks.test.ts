import { createHmac } from "node:crypto";
import type { ServerResponse } from "node:http";
import { generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { github, oidc } from "latchkey/providers";
import { type GithubLike, githubLike } from "./github-like.ts";
import { type LiarProvider, liarProvider } from "./liar-provider.ts";
import { beginAt, openSocial, type SocialHouse, through, told, visit, whoIs } from "./social-house.ts";

let house: SocialHouse;
let liar: LiarProvider;
let hub: GithubLike;
beforeAll(async () => {
  hub = await githubLike();
  liar = await liarProvider(() => house.auth.clock.now());
  const { issuer, clientId, clientSecret } = liar;
  house = await openSocial({
    providers: [
      oidc({ id: "liar", name: "Liar", issuer, clientId, clientSecret, timeoutMs: 1_000 }),
      oidc({ id: "other", name: "Other", issuer, clientId, clientSecret }),
      github({ endpoints: hub.endpoints, clientId: hub.clientId, clientSecret: hub.clientSecret, timeoutMs: 300 }),
    ],
    limits: { signInAddress: "off" },
  });
});
afterAll(async () => {
  await house.auth.close();
  await Promise.all([liar.close(), hub.close()]);
});
beforeEach(() => {
  Object.assign(liar, { metadata: {}, claims: {}, sign: undefined, token: {}, userinfo: undefined, answer: undefined });
  liar.redeemed.length = 0;
  liar.instead.clear();
  hub.instead.clear();
  Object.assign(hub, {
    tokenExtra: {},
    consent: "allow",
    user: { id: 1, login: "octocat" },
    emails: [{ email: "octocat@example.com", verified: true, primary: true }],
  });
});

const lost = { status: 400, code: "social.flow-invalid" };
const untrusted = { status: 400, code: "social.answer-invalid" };
const codeAt = (back: string) => new URLSearchParams(back.split("?")[1]).get("code")!;

describe("the state of a sign-in elsewhere", () => {
  test("must be there: absent never equals absent, and no code is redeemed [attack:OC-02]", async () => {
    const one = house.visitor();
    await beginAt(one, "liar");
    for (const query of ["", "?code=stolen", "?code=stolen&state=", "?state=&state=", "?code=a&state[]=x", "?error=access_denied"])
      expect(told(await one.ask("GET", `/login/liar/callback${query}`))).toMatchObject(lost);
    expect(told(await house.visitor().ask("GET", "/login/liar/callback?code=stolen"))).toMatchObject(lost);
    expect(liar.redeemed).toEqual([]);
  });

  test("is worth nothing in another browser, altered, or twice; and two tabs of one browser both arrive [attack:OC-01]", async () => {
    const attacker = house.visitor();
    const back = await visit(await beginAt(attacker, "liar"));
    const victim = house.visitor();
    expect(told(await victim.ask("GET", back))).toMatchObject(lost);
    // Whoever held it: it was brought by the wrong browser, and is spent.
    expect(told(await attacker.ask("GET", back))).toMatchObject(lost);

    const one = house.visitor();
    const first = await visit(await beginAt(one, "liar"));
    const second = await visit(await beginAt(one, "liar"));
    expect(
      told(
        await one.ask(
          "GET",
          first.replace(/.$/, (last) => (last === "A" ? "B" : "A")),
        ),
      ),
    ).toMatchObject(lost);
    expect(liar.redeemed).toEqual([]);
    expect(told(await one.ask("GET", second)).status).toBe(303);
    expect(told(await one.ask("GET", first)).status).toBe(303);
    expect(told(await one.ask("GET", first))).toMatchObject(lost);
    expect(liar.redeemed).toHaveLength(2);
  });

  test("of one browser is not that of another one which is on its way itself: swapped states are refused [attack:OC-01]", async () => {
    const [attacker, victim] = [house.visitor(), house.visitor()];
    const theirs = await visit(await beginAt(attacker, "liar"));
    const own = await visit(await beginAt(victim, "liar"));
    expect(told(await victim.ask("GET", theirs))).toMatchObject(lost);
    expect(told(await attacker.ask("GET", own))).toMatchObject(lost);
    expect(liar.redeemed).toEqual([]);
  });

  test("lasts ten minutes", async () => {
    const one = house.visitor();
    const back = await visit(await beginAt(one, "liar"));
    house.auth.clock.advance("10m");
    expect(told(await one.ask("GET", back))).toMatchObject(lost);
  });

  test("belongs to its provider: at the callback of another one it is refused, both ways [attack:OC-03]", async () => {
    for (const [from, to] of [
      ["liar", "other"],
      ["other", "liar"],
      ["liar", "github"],
    ] as const) {
      const one = house.visitor();
      const back = await visit(await beginAt(one, from));
      expect(told(await one.ask("GET", back.replace(`/login/${from}/`, `/login/${to}/`)))).toMatchObject(lost);
    }
    expect(liar.redeemed).toEqual([]);
  });

  test("rests in a cookie that scripts cannot read, that ends in ten minutes, is used up, and stays small [attack:OC-12]", async () => {
    const one = house.visitor();
    const began = await one.ask("GET", "/login/liar");
    expect(began.headers["set-cookie"]).toMatch(/^latchkey-flow=[0-9A-Za-z]{22}; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/);
    for (let index = 0; index < 20; index += 1) await beginAt(one, "liar");
    expect(one.cookieField()!.length).toBeLessThan(300);
    const back = await visit(await beginAt(one, "liar"));
    const before = one.cookies.get("latchkey-flow")!.split(".");
    await one.ask("GET", back);
    expect(one.cookies.get("latchkey-flow")!.split(".")).toEqual(before.slice(0, -1));
    const secure = await openSocial({ issuer: "https://id.example.com", providers: [github({ clientId: "a", clientSecret: "b" })] });
    expect((await secure.visitor().ask("GET", "/login/github")).headers["set-cookie"]).toMatch(
      /^__Host-latchkey-flow=\S+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/,
    );
    await secure.auth.close();
  });
});

describe("what comes back from a provider", () => {
  test("a code of somebody else's flow is not taken: the verifier and the nonce are of this one (code injection) [attack:OC-01]", async () => {
    const attacker = house.visitor();
    const stolen = codeAt(await visit(await beginAt(attacker, "github")));
    const one = house.visitor();
    const back = await visit(await beginAt(one, "github"));
    expect(told(await one.ask("GET", back.replace(codeAt(back), stolen)))).toMatchObject({ status: 403, code: "social.provider-refused" });
    expect(await whoIs(one)).toBeUndefined();
    const two = house.visitor();
    const theirs = await visit(await beginAt(house.visitor(), "liar"));
    const mine = await visit(await beginAt(two, "liar"));
    // This provider checks no verifier: the nonce in its token is that of the other flow.
    expect(told(await two.ask("GET", mine.replace(codeAt(mine), codeAt(theirs))))).toMatchObject(untrusted);
    expect(liar.redeemed.at(-1)!.get("code_verifier")).toMatch(/^[0-9A-Za-z]{64}$/);
  });

  test.each([
    ["of another provider", (usual: URLSearchParams) => `${usual.toString()}&iss=https%3A%2F%2Fevil.example`],
    ["with a slash too many", (usual: URLSearchParams) => `${usual.toString()}&iss=${encodeURIComponent(`${liar.issuer}/`)}`],
    [
      "sent twice",
      (usual: URLSearchParams) => `${usual.toString()}&iss=${encodeURIComponent(liar.issuer)}&iss=${encodeURIComponent(liar.issuer)}`,
    ],
  ])("an issuer %s is refused before any code is redeemed [attack:OC-04]", async (_, write) => {
    liar.answer = (usual) => new URLSearchParams(write(usual));
    expect(await through(house.visitor(), "liar")).toMatchObject(untrusted);
    expect(liar.redeemed).toEqual([]);
  });

  test("a missing issuer is refused where the provider says that it sends one, and the right one is taken [attack:OC-04]", async () => {
    liar.metadata = { authorization_response_iss_parameter_supported: true };
    house.auth.clock.advance("61m");
    expect(await through(house.visitor(), "liar")).toMatchObject(untrusted);
    expect(liar.redeemed).toEqual([]);
    liar.answer = (usual) => new URLSearchParams(`${usual.toString()}&iss=${encodeURIComponent(liar.issuer)}`);
    expect(await through(house.visitor(), "liar")).toMatchObject({ status: 303 });
    liar.metadata = {};
    house.auth.clock.advance("61m");
  });

  test("a person who says no, and every other error, is a clear refusal", async () => {
    hub.consent = "deny";
    expect(await through(house.visitor(), "github")).toMatchObject({ status: 403, code: "social.cancelled" });
    for (const error of ["invalid_scope", "unauthorized_client", "<script>", "x".repeat(5_000), "a\nb"]) {
      liar.answer = (usual) => new URLSearchParams({ state: usual.get("state")!, error, error_description: "\u202e<b>" });
      expect(await through(house.visitor(), "liar")).toMatchObject({ status: 403, code: "social.provider-refused" });
    }
    const odd: readonly Record<string, string>[] = [{}, { code: "" }, { id_token: "x", code: "a" }, { response: "x" }];
    for (const junk of odd) {
      liar.answer = (usual) => new URLSearchParams({ state: usual.get("state")!, ...junk });
      expect(await through(house.visitor(), "liar")).toMatchObject(untrusted);
    }
  });
});

describe("an ID token", () => {
  const seconds = () => Math.floor(house.auth.clock.now() / 1_000);
  const b64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const forms: readonly [string, () => void][] = [
    ["with another nonce", () => void (liar.claims = { nonce: "another" })],
    ["without a nonce", () => void (liar.claims = { nonce: undefined })],
    ["for another client", () => void (liar.claims = { aud: "another" })],
    ["for several, without azp", () => void (liar.claims = { aud: ["latchkey", "another"] })],
    ["authorised for another client", () => void (liar.claims = { aud: ["latchkey", "another"], azp: "another" })],
    ["of another issuer", () => void (liar.claims = { iss: "https://evil.example" })],
    ["without an issuer", () => void (liar.claims = { iss: undefined })],
    ["without a subject", () => void (liar.claims = { sub: undefined })],
    ["with an empty subject", () => void (liar.claims = { sub: "" })],
    ["without iat", () => void (liar.claims = { iat: undefined })],
    ["that has expired", () => void (liar.claims = { exp: seconds() - 60 })],
    ["that never expires", () => void (liar.claims = { exp: undefined })],
    ["of tomorrow", () => void (liar.claims = { nbf: seconds() + 3_600 })],
    ["that is not signed", () => void (liar.sign = (claims) => `${b64({ alg: "none" })}.${b64(claims)}.`)],
    ["without its signature", () => void (liar.sign = async (claims) => (await liar.honest(claims)).replace(/[^.]*$/, ""))],
    [
      "signed with the client secret",
      () =>
        void (liar.sign = (claims) => {
          const text = `${b64({ alg: "HS256" })}.${b64(claims)}`;
          return `${text}.${createHmac("sha256", liar.clientSecret).update(text).digest("base64url")}`;
        }),
    ],
    [
      "signed with somebody else's key under its name",
      () =>
        void (liar.sign = async (claims) =>
          new SignJWT(claims).setProtectedHeader({ alg: "ES256", kid: "one" }).sign((await generateKeyPair("ES256")).privateKey)),
    ],
    ["of a key that nobody publishes", () => void (liar.sign = (claims) => liar.honest(claims, { kid: "two" }))],
    ["that is no token", () => void (liar.sign = () => "x.y.z")],
    ["that is not there", () => void (liar.token = { id_token: undefined })],
  ];

  test.each(forms)("%s signs nobody in [attack:ID-01]", async (_, lie) => {
    lie();
    const one = house.visitor();
    expect(await through(one, "liar")).toMatchObject(untrusted);
    expect(await whoIs(one)).toBeUndefined();
  });

  test("without a key's name is taken while there is one key only [attack:ID-01]", async () => {
    liar.sign = (claims) => liar.honest(claims, { kid: undefined });
    expect(await through(house.visitor(), "liar")).toMatchObject({ status: 303 });
  });

  test("of somebody else than the profile is refused, where the address is asked for apart [attack:ID-01]", async () => {
    liar.claims = { email: undefined, email_verified: undefined, sub: "person-2" };
    liar.userinfo = { sub: "person-3", email: "ada@example.com", email_verified: true };
    expect(await through(house.visitor(), "liar")).toMatchObject(untrusted);
    liar.userinfo = { sub: "person-2", email: "person2@example.com", email_verified: true };
    expect(await through(house.visitor(), "liar")).toMatchObject({ status: 303 });
  });
});

describe("a token answer", () => {
  const write = (status: number, type: string, body: string) => (_: unknown, response: ServerResponse) =>
    void response.writeHead(status, { "content-type": type }).end(body);
  const junk: readonly [string, ReturnType<typeof write>][] = [
    ["HTML", write(200, "text/html", "<h1>Sign in</h1>")],
    ["truncated JSON", write(200, "application/json", '{"access_token":"a","token_ty')],
    ["no token", write(200, "application/json", '{"token_type":"bearer"}')],
    ["a list", write(200, "application/json", "[]")],
    ["of another type", write(200, "application/json", '{"access_token":"a","token_type":"mac"}')],
    ["of negative life", write(200, "application/json", '{"access_token":"a","token_type":"bearer","expires_in":-1}')],
    ["of 5 MB", write(200, "application/json", JSON.stringify({ access_token: "a", token_type: "bearer", junk: "x".repeat(5_000_000) }))],
    [
      "compressed, which nobody asked for",
      (_, response) =>
        void response
          .writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" })
          .end('{"access_token":"a","token_type":"bearer"}'),
    ],
    ["a redirect", (_, response) => void response.writeHead(302, { location: "http://localhost:1/" }).end()],
    ["a token of a megabyte", write(200, "application/json", JSON.stringify({ access_token: "x".repeat(200_000), token_type: "bearer" }))],
  ];

  test.each(junk)("that is %s signs nobody in, with one event [attack:OC-06]", async (_, instead) => {
    hub.instead.set("/login/oauth/access_token", instead);
    const before = (await house.auth.audit.list({ limit: 1_000 })).length;
    expect(await through(house.visitor(), "github")).toMatchObject(untrusted);
    await house.auth.flush();
    expect((await house.auth.audit.list({ limit: 1_000 })).length).toBe(before + 1);
  });

  test("with an error and status 200, as GitHub gives it, is a refusal [attack:OC-06]", async () => {
    hub.instead.set("/login/oauth/access_token", write(200, "application/json", '{"error":"bad_verification_code"}'));
    expect(await through(house.visitor(), "github")).toMatchObject({ status: 403, code: "social.provider-refused" });
    expect(await house.auth.users.findByEmail("octocat@example.com")).toBeUndefined();
  });

  test("with a life as text, or beyond all sense, is held to sense [attack:OC-06]", async () => {
    hub.user = { id: 20, login: "text" };
    hub.emails = [{ email: "text@example.com", verified: true, primary: true }];
    for (const seconds of ["3600", 1e99]) {
      hub.tokenExtra = { expires_in: seconds };
      expect(await through(house.visitor(), "github")).toMatchObject({ status: 303 });
    }
  });

  test("that does not come, is late, or is an error of the provider, is 503 and tells the operator: LATCHKEY_PROVIDER_UNAVAILABLE [attack:OC-06]", async () => {
    const begun = (response: ServerResponse) => response.writeHead(200, { "content-type": "application/json", "content-length": 100 });
    const ways = [
      write(500, "text/html", "oops"),
      (_: unknown, response: ServerResponse) => void response.destroy(),
      (_: unknown, response: ServerResponse) => void begun(response).write("{", () => response.destroy()),
      (_: unknown, response: ServerResponse) => void begun(response).write("{"),
      () => undefined,
    ];
    for (const path of ["/login/oauth/access_token", "/user", "/user/emails"]) {
      for (const way of ways) {
        hub.instead.clear();
        hub.instead.set(path, way);
        const one = house.visitor();
        const back = await visit(await beginAt(one, "github"));
        await expect(one.ask("GET", back)).rejects.toMatchObject({ code: "LATCHKEY_PROVIDER_UNAVAILABLE" });
      }
    }
  });
});

describe("a profile", () => {
  test.each([
    ["a megabyte", { id: 30, login: "x".repeat(1_000_000) }, untrusted],
    ["a list", [1], untrusted],
    ["null", null, untrusted],
    ["without an id", { login: "x" }, untrusted],
    ["with an id that lost digits", { id: 2 ** 60, login: "x" }, untrusted],
    ["with an object as id", { id: { $ne: null }, login: "x" }, untrusted],
  ])("that is %s signs nobody in", async (_, user, expected) => {
    hub.user = user as never;
    expect(await through(house.visitor(), "github")).toMatchObject(expected);
  });

  test("full of HTML, controls and __proto__ is text [attack:HT-04]", async () => {
    const user = JSON.parse(
      '{"id":31,"login":"x","name":"<img src=x onerror=alert(1)>\\u202e\\u0000\\r\\nX: y","__proto__":{"isAdmin":true}}',
    ) as object;
    hub.user = user as never;
    hub.emails = [{ email: "html@example.com", verified: true, primary: true }];
    const one = house.visitor();
    expect(await through(one, "github")).toMatchObject({ status: 303 });
    const { id } = (await house.auth.users.findByEmail("html@example.com"))!;
    const [identity] = await house.auth.identities.list(id);
    expect(identity!.name).toBe("<img src=x onerror=alert(1)> X: y");
    expect(({} as { isAdmin?: unknown }).isAdmin).toBeUndefined();
    const page = await one.ask("GET", "/account", { headers: { accept: "text/html" } });
    expect(String(page.body)).toContain("&lt;img src=x");
    expect(String(page.body)).not.toContain("<img");
  });
});

describe("the way back", () => {
  const evil = [
    "//evil.example",
    "/\\evil.example",
    "\\/\\/evil.example",
    "https:evil.example",
    "https://evil.example",
    "/%09/evil.example\t",
    "/\t/evil.example",
    "javascript:alert(1)",
    "https://localhost:3000@evil.example",
    "/x\r\nset-cookie: a=b",
    "/..//evil.example",
    `/${"x".repeat(8_000)}`,
    "",
  ];
  test.each(evil)("is never one of somebody else's: %j [attack:OC-09]", async (text) => {
    hub.user = { id: 40, login: "back" };
    hub.emails = [{ email: "back@example.com", verified: true, primary: true }];
    const { location } = await through(house.visitor(), "github", `?return=${encodeURIComponent(text)}`);
    expect(location).toBe("../../account");
  });

  test("is the path that was asked for", async () => {
    hub.user = { id: 40, login: "back" };
    expect((await through(house.visitor(), "github", `?return=${encodeURIComponent("/posts?page=2#x")}`)).location).toBe("/posts?page=2#x");
  });
});

describe("what is fetched", () => {
  test("a provider whose metadata is of another issuer, lacks a part or is no metadata begins nothing [attack:ID-07]", async () => {
    const { issuer, clientId, clientSecret } = liar;
    for (const metadata of [
      { issuer: "https://evil.example" },
      { issuer: `${issuer}/tenant` },
      { issuer: undefined },
      { jwks_uri: undefined },
      { token_endpoint: undefined },
    ]) {
      liar.metadata = metadata;
      const strict = await openSocial({ providers: [oidc({ id: "liar", name: "Liar", issuer, clientId, clientSecret })] });
      expect(told(await strict.visitor().ask("GET", "/login/liar"))).toMatchObject(untrusted);
      await strict.auth.close();
    }
  });

  test("a provider that is down, late or an error already when a sign-in begins is 503, and is asked again by who comes next [attack:OC-06]", async () => {
    const { issuer, clientId, clientSecret } = liar;
    const strict = await openSocial({ providers: [oidc({ id: "liar", name: "Liar", issuer, clientId, clientSecret, timeoutMs: 300 })] });
    const ways: readonly ((response: ServerResponse) => void)[] = [
      (response) => void response.destroy(),
      () => undefined,
      (response) => void response.writeHead(502).end(),
    ];
    for (const way of ways) {
      liar.instead.set("/.well-known/openid-configuration", (_, response) => way(response));
      await expect(strict.visitor().ask("GET", "/login/liar")).rejects.toMatchObject({ code: "LATCHKEY_PROVIDER_UNAVAILABLE" });
    }
    liar.instead.clear();
    expect(told(await strict.visitor().ask("GET", "/login/liar"))).toMatchObject({ status: 303 });
    await strict.auth.close();
  });

  test("a redirect of the profile is not followed [attack:OC-06]", async () => {
    hub.instead.set("/user", (_, response) => void response.writeHead(302, { location: "/user/elsewhere" }).end());
    expect((await through(house.visitor(), "github")).status).toBe(403);
    expect(hub.asked).not.toContain("/user/elsewhere");
  });

  test("a redirect of the metadata is not followed [attack:ID-07]", async () => {
    liar.instead.set("/.well-known/openid-configuration", (_, response) => void response.writeHead(302, { location: "/keys" }).end());
    const { issuer, clientId, clientSecret } = liar;
    const strict = await openSocial({ providers: [oidc({ id: "liar", name: "Liar", issuer, clientId, clientSecret })] });
    expect(told(await strict.visitor().ask("GET", "/login/liar"))).toMatchObject(untrusted);
    await strict.auth.close();
  });
});

test("a provider that is not configured is answered 404: social.unknown-provider", async () => {
  const one = house.visitor();
  for (const target of ["/login/nobody", "/login/nobody/callback", "/login/__proto__", "/login/constructor/callback?state=x"])
    expect(told(await one.ask("GET", target))).toMatchObject({ status: 404, code: "social.unknown-provider" });
  expect(told(await one.ask("POST", "/login/liar/callback", { body: "state=x" }))).toMatchObject({
    status: 404,
    code: "social.unknown-provider",
  });
});
