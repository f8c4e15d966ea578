import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { assert, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeJwt, explainJwt, readKeys, readSigningKey, signJwt, spanText } from "./index.ts";

const at = Date.parse("2026-11-24T10:00:00Z");
const seconds = at / 1_000;
const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
const pem = pair.privateKey.export({ type: "pkcs8", format: "pem" }) as string;
const publicPem = pair.publicKey.export({ type: "spki", format: "pem" }) as string;
const good = { iss: "https://a.example", sub: "ada", aud: "https://b.example", exp: seconds + 600, iat: seconds };
const part = (value: unknown) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const sign = (claims: object = {}, type = "at+jwt") => signJwt({ ...good, ...claims }, type, readSigningKey(pem), at - 86_400_000);
const unsigned = (payload: unknown, header: unknown = { alg: "ES256" }) => `${part(header)}.${part(payload)}.${part("x".repeat(64))}`;
const wrongOf = (token: string) => decodeJwt(token, at).findings.flatMap(({ weight, text }) => (weight === "wrong" ? [text] : []));
const explain = (token: string, more: object = {}) => explainJwt(token, { keys: readKeys(publicPem), ...more }, at);
const wrongIn = (token: string, more: object = {}) =>
  explain(token, more).findings.flatMap(({ weight, text }) => (weight === "wrong" ? [text] : []));

describe("what a token says", () => {
  test("is shown with its times in words", () => {
    const { header, payload, times, findings } = decodeJwt(`Bearer ${sign({ iat: seconds - 7_200 })}\n`, at);
    expect(header).toMatchObject({ alg: "ES256", typ: "at+jwt" });
    expect(payload).toMatchObject(good.sub === "ada" ? { sub: "ada" } : {});
    expect(times).toEqual({ exp: "2026-11-24T10:10:00.000Z (in 10 minutes)", iat: "2026-11-24T08:00:00.000Z (2 hours ago)" });
    expect(findings).toEqual([]);
  });

  test.each([
    ["", "There is no token."],
    ["a", "It has 1 part between dots; a signed token has three."],
    ["a.b.c.d.e", "It has five parts: it is encrypted (JWE). Only who has the key can read it, and no verifier here takes it."],
    [unsigned(good, { alg: "none" }), "alg is none: it is not signed, and anybody can have written it."],
    [unsigned(good, { alg: "nOnE" }), "alg is none: it is not signed, and anybody can have written it."],
    [unsigned(good, {}), "The header does not say with which algorithm it was signed (alg)."],
    [unsigned(good).replace(/[^.]*$/, ""), "The signature is missing: anybody can have written it."],
    [unsigned(good, { alg: "ES256", crit: ["x"] }), "The header has crit: an extension that is not spoken here."],
    [unsigned("[1]"), "The payload is no JSON object."],
    [
      unsigned('{"sub":"a","sub":"admin","exp":4000000000}'),
      "The payload repeats a name, is not UTF-8 or is nested too deep: two readers would believe two things.",
    ],
    [unsigned(good).replace(".", "=."), "The header is base64, with + or / or =; a token has base64url, with - and _ and no padding."],
    [unsigned(good).replace(".", "!."), "The header is not base64url: a character was changed, lost or added."],
    [unsigned({ ...good, exp: seconds - 10_800 }), "It expired 3 hours ago."],
    [unsigned({ ...good, exp: at }), `exp is ${at}: that looks like milliseconds; tokens count seconds.`],
    [unsigned({ ...good, exp: "soon" }), 'exp is not a number but "soon".'],
    [unsigned({ ...good, exp: undefined }), "It has no exp: it would be good for ever."],
    [unsigned({ ...good, nbf: seconds + 90 }), "It is not valid before another 1 minute (nbf)."],
  ])("is called wrong where it is: %j", (token, said) => {
    expect(wrongOf(token)).toContain(said);
  });

  test("is noted where it would bring its own key", () => {
    const { findings } = decodeJwt(unsigned(good, { alg: "ES256", jwk: {} }), at);
    expect(findings[0]!.text).toMatch(/^The header brings a key along \(jwk\)/);
  });

  test("never throws, whatever is pasted", () => {
    assert(property(string({ unit: "binary" }), (text) => void explainJwt(text, { keys: [] }, at)));
    assert(property(string(), string(), string(), (a, b, c) => void decodeJwt(`${part(a)}.${part(b)}.${c}`, at)));
  });
});

describe("what is wrong with a token", () => {
  test("is nothing where all is as expected", () => {
    const expected = { issuer: good.iss, audience: good.aud, type: "at+jwt" };
    expect(explain(sign(), expected)).toMatchObject({ accepted: true, signature: "good", findings: [] });
    const notes = explain(sign()).findings.map(({ text }) => text);
    expect(notes).toEqual([`Its issuer was not checked: it says ${good.iss}.`, `Its audience was not checked: it says ${good.aud}.`]);
  });

  test("is said all at once", () => {
    const token = sign({ exp: seconds - 60, aud: ["https://c.example"] }, "JWT");
    expect(wrongIn(token, { audience: good.aud, issuer: "https://a.example/", type: "at+jwt" })).toEqual([
      "It expired 1 minute ago.",
      "It was issued by https://a.example, wanted: https://a.example/. They must be equal, to the last slash.",
      "It is for https://c.example; wanted: https://b.example.",
      "Its type is jwt; wanted: at+jwt. An ID token is no access token.",
    ]);
  });

  test.each([
    [
      "another key",
      () => readKeys(generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ type: "spki", format: "pem" }) as string),
      /another key made it, or the token was changed/,
    ],
    [
      "a key of another kind",
      () => readKeys(generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }) as string),
      /No key fits: .* there are \(without kid\) for EdDSA/,
    ],
    ["no key", () => [], /there are none/],
  ])("is its signature, with %s", (_name, keys, said) => {
    const { findings, accepted } = explain(sign(), { keys: keys() });
    expect([accepted, findings.find(({ weight }) => weight === "wrong")!.text]).toEqual([false, expect.stringMatching(said)]);
  });

  test("is a kid that no key of the set has", () => {
    const jwk = { ...pair.publicKey.export({ format: "jwk" }), kid: "k1" };
    const named = signJwt(good, "at+jwt", readSigningKey(JSON.stringify({ ...pair.privateKey.export({ format: "jwk" }), kid: "k2" })), at);
    expect(wrongIn(named, { keys: readKeys(JSON.stringify({ keys: [jwk] })) })).toEqual([
      'No key fits: the token names kid "k2" and ES256; there are k1 for ES256.',
    ]);
  });

  test("is a change of one character", () => {
    const [header, , signature] = sign().split(".");
    expect(explain(`${header}.${part({ ...good, sub: "eve" })}.${signature}`)).toMatchObject({ accepted: false, signature: "bad" });
  });

  test("is nothing within the tolerance", () => {
    expect(explain(sign({ exp: seconds - 5 }), { toleranceSeconds: 10 })).toMatchObject({ accepted: true });
    expect(explain(sign({ exp: seconds - 5 }), { toleranceSeconds: 5 })).toMatchObject({ accepted: false });
  });
});

describe("a key in a file", () => {
  test.each([
    ["a public PEM", publicPem],
    ["a private PEM", pem],
    ["a JWK", JSON.stringify(pair.publicKey.export({ format: "jwk" }))],
    ["a private JWK", JSON.stringify(pair.privateKey.export({ format: "jwk" }))],
    ["a JWK set", JSON.stringify({ keys: [createPublicKey(pem).export({ format: "jwk" })] })],
  ])("may be %s", (_name, text) => {
    expect(explain(sign(), { keys: readKeys(text) }).accepted).toBe(true);
  });

  test("may be a secret, where the algorithm says so", () => {
    const secret = "9Xq2vLr7TzKd4WcYb1NfHs8MjPgA3uEo\n";
    const token = signJwt(good, "JWT", readSigningKey(secret, "HS256"), at);
    expect(explain(token, { keys: readKeys(secret, "HS256") }).accepted).toBe(true);
  });

  test("of RSA verifies by whichever of its algorithms the token names, and signs by RS256 or the one that is named", () => {
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" }) as string;
    for (const algorithm of [undefined, "PS256"]) {
      const token = signJwt(good, "JWT", readSigningKey(rsa, algorithm), at);
      expect(explain(token, { keys: readKeys(rsa) }).accepted).toBe(true);
    }
  });

  test.each([
    ["nothing", "", undefined],
    ["a secret without an algorithm", "9Xq2vLr7TzKd4WcYb1NfHs8MjPgA3uEo", undefined],
    ["a secret that is short", "short", "HS256"],
    ["an algorithm that is not there", publicPem, "none"],
    ["a key of another kind", publicPem, "RS256"],
    ["a PEM that is broken", "-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----", undefined],
    ["an encryption key", JSON.stringify({ ...pair.publicKey.export({ format: "jwk" }), use: "enc" }), undefined],
  ])("that is %s is refused, without showing it", (_name, text, algorithm) => {
    for (const read of [readKeys, readSigningKey]) {
      const attempt = () => read(text, algorithm);
      if (read === readSigningKey && text.includes('"use":"enc"')) continue;
      expect(attempt).toThrow(expect.objectContaining({ code: "LATCHKEY_OPTION_INVALID" }));
    }
  });

  test("signs nothing that would be good for ever", () => {
    expect(() => signJwt({ ...good, exp: undefined }, "JWT", readSigningKey(pem), at)).toThrow(/exp/);
    expect(() => signJwt({ ...good, exp: seconds }, "JWT", readSigningKey(pem), at)).toThrow(/exp/);
  });
});

test.each([
  [0, "less than a second"],
  [-1_000, "1 second"],
  [119_000, "1 minute"],
  [7_200_000, "2 hours"],
  [86_400_000 * 400, "400 days"],
])("%d ms are %s", (ms, text) => {
  expect(spanText(ms)).toBe(text);
});
