import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { SignJWT } from "jose";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ForeignIssuerOptions } from "latchkey";
import { testLatchkey, type TestLatchkey } from "latchkey/testing";

const audience = "https://api.example.com";
const pairs = {
  ES256: generateKeyPairSync("ec", { namedCurve: "P-256" }),
  RS256: generateKeyPairSync("rsa", { modulusLength: 2048 }),
  EdDSA: generateKeyPairSync("ed25519"),
};
const jwkOf = (key: KeyObject, more: object = {}) => ({ ...key.export({ format: "jwk" }), ...more });

/** A provider of one's own, on a port of its own; what it was asked for. */
let provider: Server;
let base: string;
let asked: string[];
let answers: Map<string, () => { status?: number; body?: unknown; location?: string }>;
const opened: TestLatchkey[] = [];

beforeEach(async () => {
  asked = [];
  answers = new Map();
  provider = createServer((request, response) => {
    asked.push(request.url!);
    const { status = 200, body, location } = answers.get(request.url!)?.() ?? { status: 404 };
    response.writeHead(status, { "content-type": "application/json", ...(location === undefined ? {} : { location }) });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  const keys = [jwkOf(pairs.ES256.publicKey, { kid: "k1", alg: "ES256" })];
  answers.set("/.well-known/openid-configuration", () => ({ body: { issuer: base, jwks_uri: `${base}/jwks` } }));
  answers.set("/jwks", () => ({ body: { keys } }));
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((auth) => auth.close()));
  await new Promise((resolve) => provider.close(resolve));
});

const open = async (options: Partial<ForeignIssuerOptions> = {}) => {
  const auth = await testLatchkey({ jwt: { issuers: [{ issuer: base, audience, ...options }] } });
  opened.push(auth);
  return auth;
};
const sign = (auth: TestLatchkey, claims: object = {}, header: object = {}, key: KeyObject | Uint8Array = pairs.ES256.privateKey) => {
  const at = Math.floor(auth.clock.now() / 1_000);
  const payload = { iss: base, sub: "ada", aud: audience, iat: at, exp: at + 600, jti: "t1", ...claims };
  return new SignJWT(payload).setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid: "k1", ...header }).sign(key);
};
let requests = 0;
const decide = (auth: TestLatchkey, token: string) => {
  const known = { headers: { authorization: `Bearer ${token}`, "x-forwarded-for": `${(requests += 1)}` } };
  return Promise.resolve(auth.check(new Request("http://localhost:3000/whoami", known), {}));
};
const codeFor = async (auth: TestLatchkey, token: string) => {
  const decision = await decide(auth, token);
  return decision.allowed ? "allowed" : decision.refusal.code;
};

describe("a token of another issuer", () => {
  test("lets its subject in under a name that nobody here has, through the issuer's metadata", async () => {
    const auth = await open();
    const decision = await decide(auth, await sign(auth, { scope: "a b", roles: ["admin"] }));
    expect(decision).toMatchObject({ allowed: true, principal: { subject: `${base}|ada`, method: "jwt", scopes: ["a", "b"], roles: [] } });
    await decide(auth, await sign(auth, { jti: "t2" }));
    expect(asked).toEqual(["/.well-known/openid-configuration", "/jwks"]);
  });

  test("may be mapped to a subject and roles of one's own", async () => {
    const auth = await open({ subject: (claims) => `usr_${String(claims["sub"])}`, roles: () => ["reader"] });
    expect(await decide(auth, await sign(auth))).toMatchObject({ principal: { subject: "usr_ada", roles: ["reader"] } });
  });

  test.each([
    ["no exp", { exp: undefined }],
    ["exp as text", { exp: "9999999999" }],
    ["exp null", { exp: null }],
    ["exp a list", { exp: [] }],
    ["exp an object", { exp: {} }],
    ["exp -1", { exp: -1 }],
    ["exp in milliseconds", { exp: 1e15 }],
    ["nbf as text", { nbf: "4000000000" }],
    ["iat as text", { iat: "1" }],
    ["no sub", { sub: undefined }],
    ["sub with a control character", { sub: "a\u0000b" }],
    ["no aud", { aud: undefined }],
    ["aud empty", { aud: "" }],
    ["aud an empty list", { aud: [] }],
    ["aud with a number", { aud: [audience, 1] }],
    ["aud an object", { aud: { [audience]: true } }],
    ["jti a number", { jti: 1 }],
    ["scope a number", { scope: 1 }],
  ])("is refused with %s: jwt.bad-claims [attack:JW-11] [attack:JW-14]", async (_name, claims) => {
    const auth = await open();
    expect(await codeFor(auth, await sign(auth, claims))).toBe("jwt.bad-claims");
  });

  test("is refused with an exp beyond all numbers [attack:JW-11]", async () => {
    const auth = await open({ secret: "Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MEFCQ0RFRg" });
    const { createHmac } = await import("node:crypto");
    for (const exp of ["1e400", "NaN", "Infinity"]) {
      const part = (text: string) => Buffer.from(text).toString("base64url");
      const signed = `${part('{"alg":"HS256","typ":"at+jwt"}')}.${part(`{"iss":"${base}","sub":"a","aud":"${audience}","exp":${exp}}`)}`;
      const mac = createHmac("sha256", "Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MEFCQ0RFRg").update(signed).digest("base64url");
      expect(["jwt.bad-claims", "jwt.malformed"]).toContain(await codeFor(auth, `${signed}.${mac}`));
    }
  });

  test.each([
    ["another audience", { aud: "https://api.b" }, "jwt.wrong-audience"],
    ["a part of ours", { aud: "https://api.example.co" }, "jwt.wrong-audience"],
    ["more than ours", { aud: `${audience}/` }, "jwt.wrong-audience"],
    ["several, not ours", { aud: ["a", "b"] }, "jwt.wrong-audience"],
    ["several, with ours", { aud: ["a", audience] }, "allowed"],
    ["another issuer", { iss: "https://evil.example" }, "jwt.unknown-issuer"],
    ["the issuer with a slash", { iss: "/" }, "jwt.unknown-issuer"],
    ["iat ten years ahead", { iat: 2_100_000_000 }, "jwt.not-yet-valid"],
    ["exp in the past", { exp: 1_000_000_000 }, "jwt.expired"],
    ["a proof that nobody checks", { cnf: { "x5t#S999": "x" } }, "jwt.proof-missing"],
    ["a bound token sent as bearer", { cnf: { jkt: "x" } }, "dpop.sent-as-bearer"],
    ["a confirmation of another type", { cnf: "x" }, "jwt.bad-claims"],
    ["an empty confirmation", { cnf: {} }, "jwt.bad-claims"],
  ])("with %s is answered by its own code [attack:JW-14] [asvs:V9.2.4]", async (_name, claims, code) => {
    const auth = await open();
    expect(await codeFor(auth, await sign(auth, claims))).toBe(code);
  });

  test.each([
    ["at+jwt", "allowed"],
    ["AT+JWT", "allowed"],
    ["application/at+jwt", "allowed"],
    ["JWT", "jwt.wrong-type"],
    [undefined, "jwt.wrong-type"],
    ["logout+jwt", "jwt.wrong-type"],
    ["secevent+jwt", "jwt.wrong-type"],
    ["at+jwt2", "jwt.wrong-type"],
  ])("of type %j is answered %s [attack:JW-15] [asvs:V9.2.2]", async (typ, code) => {
    const auth = await open();
    expect(await codeFor(auth, await sign(auth, {}, { typ }))).toBe(code);
  });

  test("of a plain type is accepted where that was allowed", async () => {
    const auth = await open({ types: ["JWT"] });
    expect(await codeFor(auth, await sign(auth, {}, { typ: "JWT" }))).toBe("allowed");
    expect(await codeFor(auth, await sign(auth, {}, { typ: "at+jwt" }))).toBe("jwt.wrong-type");
  });
});

describe("keys of another issuer", () => {
  test("may be a set, a PEM or a secret", async () => {
    const pem = pairs.ES256.publicKey.export({ type: "spki", format: "pem" }) as string;
    const secret = "9Xq2vLr7TzKd4WcYb1NfHs8MjPgA3uEo";
    for (const options of [{ jwks: { keys: [jwkOf(pairs.ES256.publicKey)] } }, { pem }]) {
      const auth = await open(options);
      expect(await codeFor(auth, await sign(auth, {}, { kid: undefined }))).toBe("allowed");
    }
    const shared = await open({ secret });
    expect(await codeFor(shared, await sign(shared, {}, { alg: "HS256" }, Buffer.from(secret)))).toBe("allowed");
    expect(asked).toEqual([]);
  });

  test.each(["HS256", "PS256", "RS512"])("of RSA without an algorithm take RS256 and no %s [attack:JW-04]", async (alg) => {
    answers.set("/jwks", () => ({ body: { keys: [jwkOf(pairs.RS256.publicKey, { kid: "k1" })] } }));
    const auth = await open();
    const pem = Buffer.from(pairs.RS256.publicKey.export({ type: "spki", format: "pem" }));
    expect(await codeFor(auth, await sign(auth, {}, { alg: "RS256" }, pairs.RS256.privateKey))).toBe("allowed");
    const forged = await sign(auth, {}, { alg }, alg === "HS256" ? pem : pairs.RS256.privateKey);
    expect(await codeFor(auth, forged)).toBe("jwt.wrong-algorithm");
  });

  test.each([
    ["an encryption key", { use: "enc" }],
    ["a key that may not verify", { key_ops: ["encrypt"] }],
    ["another algorithm than its type", { alg: "RS256" }],
    ["an algorithm that is not allowed", { alg: "ES512" }],
    ["none", { alg: "none" }],
    ["another curve", { crv: "P-384" }],
  ])("that are %s are left out [attack:JW-16]", async (_name, more) => {
    answers.set("/jwks", () => ({
      body: { keys: [null, 1, {}, { kty: "oct", k: "", kid: "k1" }, jwkOf(pairs.ES256.publicKey, { kid: "k1", ...more })] },
    }));
    const auth = await open();
    expect(await codeFor(auth, await sign(auth))).toBe("jwt.unknown-key");
  });

  test("are fetched again for an unknown kid, at most twice a minute, and once for all who wait [attack:JW-06]", async () => {
    const auth = await open({ jwksUrl: `${base}/jwks` });
    expect(await codeFor(auth, await sign(auth))).toBe("allowed");
    const keys = [jwkOf(pairs.ES256.publicKey, { kid: "k1" }), jwkOf(pairs.EdDSA.publicKey, { kid: "k2" })];
    answers.set("/jwks", () => ({ body: { keys } }));
    const next = await sign(auth, { jti: "n" }, { alg: "EdDSA", kid: "k2" }, pairs.EdDSA.privateKey);
    expect(await codeFor(auth, next)).toBe("jwt.unknown-key");
    auth.clock.advance("30s");
    const many = await Promise.all(
      ["a", "b", "c"].map(async (jti) => codeFor(auth, await sign(auth, { jti }, { alg: "EdDSA", kid: "k2" }, pairs.EdDSA.privateKey))),
    );
    expect(many).toEqual(["allowed", "allowed", "allowed"]);
    expect(asked).toHaveLength(2);
  });

  test("are used on while the provider is away, and not after a day: LATCHKEY_ISSUER_UNAVAILABLE", async () => {
    const auth = await open({ jwksUrl: `${base}/jwks` });
    expect(await codeFor(auth, await sign(auth))).toBe("allowed");
    answers.set("/jwks", () => ({ status: 503 }));
    auth.clock.advance("23h");
    expect(await codeFor(auth, await sign(auth, { jti: "later" }))).toBe("allowed");
    auth.clock.advance("2h");
    await expect(decide(auth, await sign(auth, { jti: "too late" }))).rejects.toMatchObject({ code: "LATCHKEY_ISSUER_UNAVAILABLE" });
  });

  test.each([
    ["a redirect", () => ({ status: 302, location: `${base}/elsewhere` })],
    ["a megabyte", () => ({ body: { keys: [], padding: "x".repeat(1_000_000) } })],
    ["no JSON", () => ({ body: "<html>" })],
    ["a repeated member", () => ({ body: '{"keys":[],"keys":[]}' })],
    ["no key set", () => ({ body: { jwks: [] } })],
  ])("are not taken from %s, and a redirect is not followed [attack:JW-05]", async (_name, answer) => {
    answers.set("/jwks", answer);
    const auth = await open({ jwksUrl: `${base}/jwks` });
    await expect(decide(auth, await sign(auth))).rejects.toMatchObject({ code: "LATCHKEY_ISSUER_UNAVAILABLE" });
    expect(asked).toEqual(["/jwks"]);
  });

  test("are not taken from metadata of another issuer [attack:ID-07]", async () => {
    answers.set("/.well-known/openid-configuration", () => ({ body: { issuer: "https://evil.example", jwks_uri: `${base}/jwks` } }));
    const auth = await open();
    await expect(decide(auth, await sign(auth))).rejects.toMatchObject({ code: "LATCHKEY_ISSUER_UNAVAILABLE" });
    expect(asked).not.toContain("/jwks");
  });

  test.each([
    ["a slash more", (issuer: string) => `${issuer}/`],
    ["a tenant more", (issuer: string) => `${issuer}/tenant`],
    ["capitals", (issuer: string) => issuer.replace("http:", "HTTP:")],
    ["a list", (issuer: string) => [issuer]],
    ["nothing", () => undefined],
  ])("are not taken from metadata whose issuer has %s [attack:ID-07]", async (_name, change) => {
    const metadata = { issuer: change(base), jwks_uri: `${base}/jwks` };
    answers.set("/.well-known/openid-configuration", () => ({ body: metadata }));
    answers.set("/.well-known/oauth-authorization-server", () => ({ body: metadata }));
    const auth = await open();
    await expect(decide(auth, await sign(auth))).rejects.toMatchObject({ code: "LATCHKEY_ISSUER_UNAVAILABLE" });
    expect(asked).not.toContain("/jwks");
  });

  test("of one tenant are not those of another: the path belongs to the issuer, with dots in it too [attack:ID-07]", async () => {
    for (const path of ["/one", "/two/../one", "/one/"]) {
      asked = [];
      const iss = base + path;
      const auth = await open({ issuer: iss });
      // Of the issuer without a path, and of the one that the dots lead to.
      answers.set("/one/.well-known/openid-configuration", () => ({ body: { issuer: `${base}/two`, jwks_uri: `${base}/jwks` } }));
      await expect(decide(auth, await sign(auth, { iss }))).rejects.toMatchObject({ code: "LATCHKEY_ISSUER_UNAVAILABLE" });
      expect(asked).not.toContain("/jwks");
      answers.set("/one/.well-known/openid-configuration", () => ({ body: { issuer: iss, jwks_uri: `${base}/jwks` } }));
      auth.clock.advance("1m");
      expect(await codeFor(auth, await sign(auth, { iss }))).toBe("allowed");
    }
  });

  test.each([
    ["in clear, at an address that is no developer's", (port: string) => `http://[::ffff:127.0.0.1]:${port}/jwks`],
    ["with a password", (port: string) => `http://ada:secret@127.0.0.1:${port}/jwks`],
    ["of a file", () => "file:///etc/passwd"],
    ["that is none", () => "/jwks"],
    ["of another type", () => ["https://a.example/jwks"]],
  ])("are not fetched from a jwks_uri %s [attack:ID-07]", async (_name, uri) => {
    answers.set("/.well-known/openid-configuration", () => ({ body: { issuer: base, jwks_uri: uri(new URL(base).port) } }));
    const auth = await open();
    await expect(decide(auth, await sign(auth))).rejects.toMatchObject({ code: "LATCHKEY_ISSUER_UNAVAILABLE" });
    expect(asked).not.toContain("/jwks");
  });

  test("are not found by a redirect of the metadata [attack:ID-07]", async () => {
    answers.set("/.well-known/openid-configuration", () => ({ status: 302, location: "/elsewhere" }));
    answers.set("/elsewhere", () => ({ body: { issuer: base, jwks_uri: `${base}/jwks` } }));
    const auth = await open();
    await expect(decide(auth, await sign(auth))).rejects.toMatchObject({ code: "LATCHKEY_ISSUER_UNAVAILABLE" });
    expect(asked).toEqual(["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"]);
  });

  test("are not waited for longer than five seconds", async () => {
    const signal = AbortSignal.timeout.bind(AbortSignal);
    const waits: number[] = [];
    const timeout = vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
      waits.push(ms);
      return signal(20);
    });
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const auth = await open({ jwksUrl: `http://127.0.0.1:${(silent.address() as AddressInfo).port}/jwks` });
    await expect(decide(auth, await sign(auth))).rejects.toMatchObject({ code: "LATCHKEY_ISSUER_UNAVAILABLE" });
    expect(waits).toEqual([5_000]);
    timeout.mockRestore();
    silent.closeAllConnections();
    silent.close();
  });

  test("of which none is there, or none is a point of its curve, verify nothing [attack:ID-07]", async () => {
    const point = jwkOf(pairs.ES256.publicKey, { kid: "k1", alg: "ES256" }) as { x: string; y: string };
    const off = { ...point, y: point.x };
    for (const keys of [[], [off], [{ ...point, y: "" }], [{ ...point, x: "AA", y: "AA" }]]) {
      answers.set("/jwks", () => ({ body: { keys } }));
      const auth = await open();
      expect(await codeFor(auth, await sign(auth))).toBe("jwt.unknown-key");
    }
  });

  test("with one name are told apart by their algorithm, and of two for one algorithm the first counts [attack:ID-07]", async () => {
    const second = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const keys = [pairs.RS256, pairs.ES256, second].map(({ publicKey }) => jwkOf(publicKey, { kid: "k1" }));
    answers.set("/jwks", () => ({ body: { keys } }));
    const auth = await open();
    expect(await codeFor(auth, await sign(auth))).toBe("allowed");
    expect(await codeFor(auth, await sign(auth, { jti: "rsa" }, { alg: "RS256" }, pairs.RS256.privateKey))).toBe("allowed");
    expect(await codeFor(auth, await sign(auth, { jti: "two" }, {}, second.privateKey))).toBe("jwt.bad-signature");
  });

  test("that are published with their private part verify, and sign nothing [attack:ID-07]", async () => {
    answers.set("/jwks", () => ({ body: { keys: [jwkOf(pairs.ES256.privateKey, { kid: "k1", alg: "ES256" })] } }));
    const auth = await open();
    expect(await codeFor(auth, await sign(auth))).toBe("allowed");
    expect(JSON.stringify(await (await auth.fetch(new Request("http://localhost:3000/.well-known/jwks.json"))).json())).not.toContain(
      '"d"',
    );
  });

  test("that a token brings are not asked for, whatever it says [attack:JW-05]", async () => {
    const auth = await open({ jwks: { keys: [jwkOf(pairs.ES256.publicKey, { kid: "k1" })] } });
    const evil = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const header = { jku: `${base}/jwks`, x5u: `${base}/cert`, jwk: jwkOf(evil.publicKey) };
    expect(
      await codeFor(auth, await sign(auth, {}, header, createPrivateKey(evil.privateKey.export({ type: "pkcs8", format: "pem" })))),
    ).toBe("jwt.bad-signature");
    // What was asked for in passing has come by then.
    await fetch(`${base}/afterwards`);
    expect(asked).toEqual(["/afterwards"]);
  });
});

describe("options [attack:JW-21]", () => {
  const p256 = pairs.ES256.publicKey.export({ type: "spki", format: "pem" }) as string;
  const small = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ type: "spki", format: "pem" }) as string;
  test.each<[string, object, string]>([
    ["no audience", { audience: undefined }, "audience"],
    ["an empty audience", { audience: "" }, "audience"],
    ["no audience in the list", { audience: [] }, "audience"],
    ["the secret `secret`", { secret: "secret" }, "secret"],
    ["31 bytes", { secret: "9Xq2vLr7TzKd4WcYb1NfHs8MjPgA3uE" }, "secret"],
    ["an empty secret", { secret: "" }, "secret"],
    ["a secret of one letter", { secret: "a".repeat(64) }, "secret"],
    ["a secret of the documentation", { secret: "your-256-bit-secret-your-256-bit-secret" }, "secret"],
    ["a secret and HS512 with 32 bytes", { secret: "9Xq2vLr7TzKd4WcYb1NfHs8MjPgA3uEo", algorithms: ["HS512"] }, "secret"],
    ["a secret for ES256", { secret: "9Xq2vLr7TzKd4WcYb1NfHs8MjPgA3uEo", algorithms: ["ES256"] }, "algorithms"],
    ["HS256 without a secret", { algorithms: ["HS256"] }, "algorithms"],
    ["none", { algorithms: ["none"] }, "algorithms"],
    ["RSA with 1024 bits", { pem: small }, "pem"],
    ["P-256 for RS256", { pem: p256, algorithms: ["RS256"] }, "pem"],
    ["a private key", { pem: pairs.ES256.privateKey.export({ type: "pkcs8", format: "pem" }) }, "pem"],
    ["no PEM", { pem: "junk" }, "pem"],
    ["an empty key set", { jwks: { keys: [] } }, "jwks"],
    ["two sources", { pem: p256, secret: "x" }, "jwt.issuers[0]"],
    ["http elsewhere", { jwksUrl: "http://example.com/jwks" }, "jwksUrl"],
    ["a password in the URL", { jwksUrl: "https://ada:secret@example.com/jwks" }, "jwksUrl"],
    ["an issuer that is no URL, without keys", { issuer: "us" }, "issuer"],
  ])("with %s are refused when it is built", async (_name, options, name) => {
    await expect(open(options as never)).rejects.toThrow(name);
  });

  test("name each issuer once, and not ourselves", async () => {
    const twice = { issuer: base, audience, pem: p256 };
    await expect(testLatchkey({ jwt: { issuers: [twice, twice] } })).rejects.toThrow("jwt.issuers");
    await expect(testLatchkey({ jwt: { issuers: [{ ...twice, issuer: "http://localhost:3000" }] } })).rejects.toThrow("jwt.issuers");
  });
});
