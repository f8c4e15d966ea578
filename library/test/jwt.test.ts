import { createHmac, createPublicKey, generateKeyPairSync, type JsonWebKey } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RequestView } from "latchkey";
import { sqlite } from "latchkey/sqlite";
import { mintUser, testLatchkey, type TestLatchkey } from "latchkey/testing";

const issuer = "https://auth.example.com";
let auth: TestLatchkey;
let user: string;
let requests = 0;

beforeEach(async () => {
  auth = await testLatchkey({ issuer, jwt: { audiences: ["https://api.b"] } });
  user = (await mintUser(auth)).id;
});
afterEach(() => auth.close());

const view = (token: string): RequestView => ({
  method: "GET",
  target: "/whoami",
  requestId: `req_jwt_${(requests += 1)}`,
  // A new address each time: what is tested here is not the limit of failed attempts.
  peerAddress: `10.0.${requests >> 8}.${requests & 255}`,
  encrypted: true,
  header: (name) => (name === "authorization" ? `Bearer ${token}` : undefined),
  body: () => Promise.resolve(new Uint8Array()),
});
const check = (token: string, on = auth, rule = on.rule()) => Promise.resolve(on.check(view(token), rule));
const codeFor = async (token: string, on = auth) => {
  const decision = await check(token, on);
  return decision.allowed ? "allowed" : decision.refusal.code;
};
const issue = async (options: Parameters<TestLatchkey["tokens"]["issue"]>[0] = { subject: user }, on = auth) => on.tokens.issue(options);
const part = (value: unknown) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const partsOf = (token: string) => token.split(".") as [string, string, string];
const claimsOf = (token: string) => JSON.parse(Buffer.from(partsOf(token)[1], "base64url").toString()) as Record<string, unknown>;
const headerOf = (token: string) => JSON.parse(Buffer.from(partsOf(token)[0], "base64url").toString()) as Record<string, unknown>;

describe("a token issued here", () => {
  test("is an access token of RFC 9068, and says nothing that is secret", async () => {
    const { token, id, expiresAt } = await issue({
      subject: user,
      scopes: ["posts:read"],
      clientId: "cli_1",
      notBefore: new Date(auth.clock.now()),
    });
    const at = Math.floor(auth.clock.now() / 1_000);
    expect(headerOf(token)).toEqual({ alg: "ES256", typ: "at+jwt", kid: expect.any(String) });
    expect(claimsOf(token)).toEqual({
      iss: issuer,
      sub: user,
      aud: issuer,
      client_id: "cli_1",
      iat: at,
      nbf: at,
      exp: at + 900,
      jti: id,
      scope: "posts:read",
      status: { status_list: { idx: expect.any(Number), uri: `${issuer}/status-lists/0` } },
    });
    expect(expiresAt).toBe((at + 900) * 1_000);
  });

  test("lets its subject in, with its scopes and the roles that it still has", async () => {
    await auth.roles.grant(user, "editor");
    const { token, id } = await issue({ subject: user, scopes: ["posts:read"] });
    expect(await check(token, auth, auth.rule({ scopes: ["posts:read"], roles: ["editor"] }))).toMatchObject({
      allowed: true,
      principal: { subject: user, kind: "user", method: "jwt", credentialId: id, scopes: ["posts:read"], roles: ["editor"] },
    });
    await auth.roles.revoke(user, "editor");
    expect(await check(token, auth, auth.rule({ roles: ["editor"] }))).toMatchObject({ refusal: { code: "authorization.role-missing" } });
  });

  test("writes nothing once an index block is there, and is made without waiting", async () => {
    await issue();
    expect(auth.tokens.issue({ subject: user })).not.toBeInstanceOf(Promise);
    await check((await issue()).token);
    const { token } = await issue();
    await check(token);
    expect(auth.check(view(token), auth.rule())).toMatchObject({ allowed: true });
  });

  test("is refused for a disabled, a deleted and a changed-password subject from the next request on", async () => {
    const { token } = await issue();
    expect(await codeFor(token)).toBe("allowed");
    await auth.users.disable(user);
    expect(await codeFor(token)).toBe("jwt.owner-disabled");
    await auth.users.enable(user);
    await auth.users.delete(user);
    expect(await codeFor(token)).toBe("jwt.owner-gone");
  });

  test("is refused once it was revoked, and after a restart too", async () => {
    const store = sqlite(":memory:");
    const secret = "one that both of them have, of 32 bytes and more";
    const close = store.close.bind(store);
    const kept = { ...store, close: () => Promise.resolve() };
    const before = await testLatchkey({ issuer, store: kept, secret });
    const { id: subject } = await mintUser(before);
    const [one, other] = [await issue({ subject }, before), await issue({ subject }, before)];
    expect(await before.tokens.revoke({ token: one.token })).toBe(true);
    expect(await before.tokens.revoke({ token: one.token })).toBe(false);
    expect(await before.tokens.revoke({ id: other.id })).toBe(true);
    expect(await codeFor(one.token, before)).toBe("jwt.revoked");
    await before.close();
    const after = await testLatchkey({ issuer, store: kept, secret });
    expect(await codeFor(one.token, after)).toBe("jwt.revoked");
    expect(await codeFor(other.token, after)).toBe("jwt.revoked");
    expect(await codeFor((await issue({ subject }, after)).token, after)).toBe("allowed");
    await after.close();
    await close();
  });

  test.each([
    ["subject", (id: string) => ({ subject: id })],
    ["session", () => ({ session: "elsewhere_1" })],
    ["grant", () => ({ grant: "elsewhere_2" })],
    ["client", () => ({ client: "cli_1" })],
  ])("is refused once everything of its %s was revoked; one issued in the same second afterwards is not", async (_name, what) => {
    const options = { subject: user, sessionId: "elsewhere_1", grantId: "elsewhere_2", clientId: "cli_1" };
    const { token } = await issue(options);
    expect(await codeFor(token)).toBe("allowed");
    expect(await auth.tokens.revoke(what(user))).toBe(true);
    expect(await codeFor(token)).toBe("jwt.revoked");
    const again = await issue(options);
    expect(await codeFor(again.token)).toBe("allowed");
    await auth.tokens.revoke(what(user));
    expect(await codeFor(again.token)).toBe("jwt.revoked");
    expect(await auth.tokens.introspect(token)).toEqual({ active: false });
  });

  test("is refused once the session or the key that it was made from has ended", async () => {
    const session = await auth.sessions.create({ user });
    const { record } = await auth.apiKeys.issue({ name: "ci", owner: user, allowedAddresses: ["192.0.2.1"] });
    const ofSession = await issue({ subject: user, sessionId: session.record.id });
    expect(await codeFor(ofSession.token)).toBe("allowed");
    await auth.sessions.revoke(session.record.id);
    expect(await codeFor(ofSession.token)).toBe("jwt.source-ended");
    const ofKey = await issue({ subject: user, grantId: record.id });
    expect(await codeFor(ofKey.token)).toBe("address.not-allowed");
    await auth.apiKeys.revoke(record.id);
    expect(await codeFor(ofKey.token)).toBe("jwt.source-ended");
  });

  test("tells the operator why, and the client one thing for everything but an expiry", async () => {
    const { token } = await issue();
    await auth.tokens.revoke({ token });
    const answer = await auth.handle(view(token));
    expect(answer?.status).toBe(401);
    expect(answer?.headers["www-authenticate"]).toContain('error="invalid_token"');
    expect(JSON.parse(String(answer?.body))).toMatchObject({ code: "jwt.invalid" });
    const late = await issue({ subject: user, expiresIn: "1s" });
    auth.clock.advance("10s");
    const expired = await auth.handle(view(late.token));
    expect(JSON.parse(String(expired?.body))).toMatchObject({ code: "jwt.expired" });
    expect(expired?.headers["www-authenticate"]).toContain('error="invalid_token"');
  });

  test("is introspected as RFC 7662 says", async () => {
    const { token, id } = await issue({ subject: user, scopes: ["a"], audience: "https://api.b" });
    expect(await auth.tokens.introspect(token)).toMatchObject({
      active: true,
      sub: user,
      scope: "a",
      jti: id,
      token_type: "Bearer",
      aud: "https://api.b",
    });
    expect(await auth.tokens.introspect("junk")).toEqual({ active: false });
  });
});

describe("time", () => {
  test("exp is exclusive, after the tolerance; nbf inclusive, before it [attack:JW-12]", async () => {
    const nbf = auth.clock.now() + 60_000;
    const { token, expiresAt } = await issue({ subject: user, expiresIn: "10m", notBefore: new Date(nbf) });
    auth.clock.set(nbf - 5_001);
    expect(await codeFor(token)).toBe("jwt.not-yet-valid");
    auth.clock.set(nbf - 5_000);
    expect(await codeFor(token)).toBe("allowed");
    auth.clock.set(expiresAt - 1);
    expect(await codeFor(token)).toBe("allowed");
    auth.clock.set(expiresAt + 4_999);
    expect(await codeFor(token)).toBe("allowed");
    auth.clock.set(expiresAt + 5_000);
    expect(await codeFor(token)).toBe("jwt.expired");
  });

  test.each([-1, 61, 1e9, 0.5, Number.NaN])("a tolerance of %d is refused when it is built [attack:JW-12]", async (toleranceSeconds) => {
    await expect(testLatchkey({ issuer, jwt: { toleranceSeconds } })).rejects.toThrow("jwt.toleranceSeconds");
  });

  test("no tolerance at all is allowed [attack:JW-12]", async () => {
    const strict = await testLatchkey({ issuer, jwt: { toleranceSeconds: 0 } });
    const { token, expiresAt } = await issue({ subject: (await mintUser(strict)).id }, strict);
    strict.clock.set(expiresAt - 1);
    expect(await codeFor(token, strict)).toBe("allowed");
    strict.clock.set(expiresAt);
    expect(await codeFor(token, strict)).toBe("jwt.expired");
    await strict.close();
  });
});

describe("a token that somebody made up", () => {
  test.each(["none", "None", "nOnE", "NONE", "", undefined, null, 0, ["RS256"]])(
    "is refused with alg %j, whatever its signature [attack:JW-01]",
    async (alg) => {
      const [, payload, signature] = partsOf((await issue()).token);
      const header = part({ alg, typ: "at+jwt", kid: headerOf((await issue()).token)["kid"] });
      for (const end of ["", ".", `.${signature}`]) {
        const decision = await check(`${header}.${payload}${end}`);
        expect(decision.allowed).toBe(false);
        const answer = await auth.handle(view(`${header}.${payload}.${signature}`));
        expect(String(answer?.body)).not.toMatch(/alg|kid|ES256/);
      }
    },
  );

  test("is refused when it is MACed with our public key, in any spelling [attack:JW-02]", async () => {
    const { token } = await issue();
    const answer = await auth.fetch(new Request(`${issuer}/.well-known/jwks.json`));
    const { keys } = (await answer.json()) as { keys: (JsonWebKey & { kid: string })[] };
    const jwk = keys[0]!;
    const key = createPublicKey({ key: jwk, format: "jwk" });
    const pem = key.export({ type: "spki", format: "pem" }) as string;
    const spellings = [
      pem,
      pem.trimEnd(),
      pem.replaceAll("\n", "\r\n"),
      key.export({ type: "spki", format: "der" }),
      JSON.stringify(jwk),
      JSON.stringify(key.export({ format: "jwk" })),
      jwk.x!,
    ];
    for (const secret of spellings) {
      const signed = `${part({ alg: "HS256", typ: "at+jwt", kid: jwk.kid })}.${partsOf(token)[1]}`;
      const forged = `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
      expect(await codeFor(forged)).toBe("jwt.wrong-algorithm");
    }
  });

  test.each([
    ["jwk", (jwk: JsonWebKey) => ({ jwk })],
    ["jku", () => ({ jku: "https://evil.example/jwks" })],
    ["x5u", () => ({ x5u: "https://auth.example.com@evil.example/cert" })],
    ["x5c", () => ({ x5c: ["MIIB"] })],
  ])("is refused when it brings its own key as %s [attack:JW-05]", async (_name, member) => {
    const { sign } = await import("node:crypto");
    const mine = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { token } = await issue();
    const attacks = [headerOf(token)["kid"], "attacker"].map((kid) => {
      const signed = `${part({ alg: "ES256", typ: "at+jwt", kid, ...member(mine.publicKey.export({ format: "jwk" })) })}.${partsOf(token)[1]}`;
      return `${signed}.${sign("sha256", Buffer.from(signed), { key: mine.privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
    });
    expect(await Promise.all(attacks.map((attack) => codeFor(attack)))).toEqual(["jwt.bad-signature", "jwt.unknown-key"]);
  });

  test.each(["../../../../dev/null", "' UNION SELECT 'x'--", "__proto__", "constructor", "\0", "k".repeat(1_000_000), 7, ["a"], null])(
    "is refused with kid %.30j [attack:JW-06]",
    async (kid) => {
      const signed = `${part({ alg: "HS256", typ: "at+jwt", kid })}.${partsOf((await issue()).token)[1]}`;
      const empty = createHmac("sha256", "").update(signed).digest("base64url");
      expect(["jwt.unknown-key", "jwt.malformed"]).toContain(await codeFor(`${signed}.${empty}`));
    },
  );

  test.each([
    ["five parts", "a.b.c.d.e"],
    ["a megabyte", `eyJ.${"a".repeat(1_000_000)}.a`],
    ["nothing but dots", ".."],
    ["white space", "eyJ .e30.AA"],
  ])("is refused with %s [attack:JW-20]", async (_name, token) => expect(await codeFor(token)).toBe("jwt.malformed"));
});

describe("options", () => {
  test.each([
    [{ subject: "" }, "subject"],
    [{ subject: "usr_nobody" }, "subject"],
    [{ audience: "https://elsewhere" }, "audience"],
    [{ audience: [] }, "audience"],
    [{ scopes: ["a b"] }, "scopes"],
    [{ expiresIn: "forever" }, "expiresIn"],
    [{ expiresIn: "25h" }, "expiresIn"],
    [{ claims: { exp: 1 } }, "claims"],
    [{ claims: { scope: "admin" } }, "claims"],
    [{ sessionId: "a\nb" }, "sessionId"],
  ])("that cannot be used are refused: %j", async (options, name) => {
    await expect((async () => auth.tokens.issue({ subject: user, ...options }))()).rejects.toThrow(new RegExp(`^${name}: got `));
  });

  test("of what to revoke are closed", async () => {
    await expect(auth.tokens.revoke({ everything: "" } as never)).rejects.toThrow("revoke: got");
  });

  test("of a principal bound its token: scopes, roles and life", async () => {
    const { key } = await auth.apiKeys.issue({ name: "ci", owner: user, scopes: ["a", "b"], expires: "5m" });
    const decision = await auth.check({ ...view(""), header: (name) => (name === "x-api-key" ? key : undefined) }, auth.rule());
    const principal = decision.allowed ? decision.principal : undefined;
    const { token, expiresAt } = await issue({ principal: principal!, scopes: ["a"] });
    expect(claimsOf(token)).toMatchObject({ sub: user, scope: "a" });
    expect(expiresAt).toBe(auth.clock.now() + 300_000);
    expect(() => auth.tokens.issue({ principal: principal!, scopes: ["c"] })).toThrow("scopes");
  });
});
