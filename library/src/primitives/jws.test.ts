import { createPublicKey, createSecretKey, generateKeyPairSync, type JsonWebKey, type KeyObject, sign } from "node:crypto";
import { assert, property, string, uint8Array } from "fast-check";
import { CompactSign, compactVerify } from "jose";
import { describe, expect, test } from "vitest";
import { decodeBase64url } from "./base64url.ts";
import { parseJsonObject } from "./json.ts";
import { createJwsHeaders, longestJws, readJws, signJws, type UnverifiedJws, verifyJws } from "./jws.ts";
import { type JwsAlgorithm, signingKey, type VerificationKey, verificationKey } from "./jws-keys.ts";
import rfcVectors from "./vectors/rfc-7515-7520-8037.json" with { type: "json" };
import wycheproof from "./vectors/wycheproof-json-web-signature.json" with { type: "json" };

const keyOf = (algorithm: string, jwk: object): VerificationKey => {
  const { k } = jwk as { k?: string };
  const key = k === undefined ? createPublicKey({ key: jwk as JsonWebKey, format: "jwk" }) : createSecretKey(k, "base64url");
  return verificationKey(algorithm as JwsAlgorithm, key);
};
const verifies = (token: string, key: VerificationKey) => {
  const jws = readJws(token);
  return !("problem" in jws) && verifyJws(jws, key);
};
const part = (value: unknown) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const problemOf = (token: string) => {
  const read = readJws(token);
  return "problem" in read ? read.problem : undefined;
};

describe("published vectors", () => {
  test.each(rfcVectors)("accepts $name, and not with one bit of it changed", ({ alg, jwk, jws }) => {
    const key = keyOf(alg, jwk);
    expect(verifies(jws, key)).toBe(true);
    const at = jws.lastIndexOf(".") + 5;
    expect(verifies(`${jws.slice(0, at)}${jws[at] === "A" ? "B" : "A"}${jws.slice(at + 1)}`, key)).toBe(false);
  });

  const cases = wycheproof.groups.flatMap(({ name, jwk, tests }) => tests.map((one) => ({ name, jwk, ...one })));
  test.each(cases)("answers Wycheproof $name $tcId with $valid [attack:JW-16] [attack:JW-19]", ({ jwk, jws, valid }) => {
    // A header of another kid is a modified header: its signature no longer fits.
    expect(verifies(jws, keyOf(jwk.alg, jwk))).toBe(valid);
  });
});

type Pair = { algorithm: JwsAlgorithm; privateKey: KeyObject; publicKey: KeyObject };
const secret = createSecretKey(Buffer.alloc(64, 7));
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const pairs: Pair[] = [
  ...(["ES256", "ES384", "ES512"] as const).map((algorithm, index) => ({
    algorithm,
    ...generateKeyPairSync("ec", { namedCurve: ["P-256", "P-384", "P-521"][index]! }),
  })),
  { algorithm: "EdDSA" as const, ...generateKeyPairSync("ed25519") },
  ...(["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] as const).map((algorithm) => ({ algorithm, ...rsa })),
  ...(["HS256", "HS384", "HS512"] as const).map((algorithm) => ({ algorithm, privateKey: secret, publicKey: secret })),
];

describe("beside jose", () => {
  test.each(pairs)("$algorithm signed here is accepted there, and the other way", async ({ algorithm, privateKey, publicKey }) => {
    const ours = signJws({ sub: "älice" }, "at+jwt", signingKey(algorithm, privateKey, "k1"));
    const there = await compactVerify(ours, publicKey, { algorithms: [algorithm] });
    expect(there.protectedHeader).toEqual({ alg: algorithm, typ: "at+jwt", kid: "k1" });
    expect(JSON.parse(Buffer.from(there.payload).toString())).toEqual({ sub: "älice" });
    const theirs = await new CompactSign(Buffer.from("{}")).setProtectedHeader({ alg: algorithm }).sign(privateKey);
    expect(verifies(theirs, verificationKey(algorithm, publicKey))).toBe(true);
    expect(verifies(theirs.replace(/^[^.]+/, part({ alg: algorithm, x: 1 })), verificationKey(algorithm, publicKey))).toBe(false);
  });

  test("takes Ed25519 as another name of EdDSA (RFC 9864)", () => {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const signed = `${part({ alg: "Ed25519" })}.${part({})}`;
    const token = `${signed}.${sign(null, Buffer.from(signed), privateKey).toString("base64url")}`;
    expect(verifies(token, verificationKey("EdDSA", publicKey))).toBe(true);
  });
});

describe("a key is bound to its algorithm [attack:JW-21]", () => {
  const [p256, p384] = pairs as [Pair, Pair];
  const small = generateKeyPairSync("rsa", { modulusLength: 1024 });
  test.each<[string, JwsAlgorithm, KeyObject]>([
    ["a public key as an HMAC secret", "HS256", rsa.publicKey],
    ["a secret as a public key", "RS256", secret],
    ["31 bytes", "HS256", createSecretKey(Buffer.alloc(31, 1))],
    ["32 bytes for HS512", "HS512", createSecretKey(Buffer.alloc(32, 1))],
    ["an empty secret", "HS256", createSecretKey(Buffer.alloc(0))],
    ["RSA with 1024 bits", "RS256", small.publicKey],
    ["P-256 for RS256", "RS256", p256.publicKey],
    ["RSA for ES256", "ES256", rsa.publicKey],
    ["P-384 for ES256", "ES256", p384.publicKey],
    ["Ed25519 for ES256", "ES256", generateKeyPairSync("ed25519").publicKey],
    ["P-256 for EdDSA", "EdDSA", p256.publicKey],
    ["a private key to verify with", "ES256", p256.privateKey],
  ])("refuses %s for %s", (_name, algorithm, key) => expect(() => verificationKey(algorithm, key)).toThrow(TypeError));

  test("refuses to sign with a public key", () => expect(() => signingKey("ES256", p256.publicKey)).toThrow("private"));

  test("a token of another algorithm does not verify, whatever its key could do [attack:JW-04]", () => {
    const token = signJws({}, "at+jwt", signingKey("PS256", rsa.privateKey));
    expect(verifies(token, verificationKey("RS256", rsa.publicKey))).toBe(false);
    expect(verifies(token, verificationKey("PS384", rsa.publicKey))).toBe(false);
  });

  test("a token that names another algorithm than the one that signed it is refused, though its signature is good [attack:JW-04]", () => {
    for (const alg of ["ES384", "none", "HS256", "Ed25519", ""]) {
      const signed = `${part({ alg })}.${part({})}`;
      const signature = sign("sha256", Buffer.from(signed), { key: p256.privateKey, dsaEncoding: "ieee-p1363" });
      expect(verifies(`${signed}.${signature.toString("base64url")}`, verificationKey("ES256", p256.publicKey))).toBe(false);
    }
  });

  test("takes both values of s, and no DER, no 63 or 65 bytes [attack:JW-19]", () => {
    const key = verificationKey("ES256", p256.publicKey);
    const signed = `${part({ alg: "ES256" })}.${part({})}`;
    const raw = sign("sha256", Buffer.from(signed), { key: p256.privateKey, dsaEncoding: "ieee-p1363" });
    const order = BigInt("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    const twin = (order - BigInt(`0x${raw.subarray(32).toString("hex")}`)).toString(16).padStart(64, "0");
    const der = sign("sha256", Buffer.from(signed), p256.privateKey);
    const accepted = [raw, Buffer.concat([raw.subarray(0, 32), Buffer.from(twin, "hex")])];
    const refused = [der, raw.subarray(0, 63), Buffer.concat([raw, Buffer.of(0)])];
    const judge = (signature: Buffer) => verifies(`${signed}.${signature.toString("base64url")}`, key);
    expect(accepted.map(judge)).toEqual([true, true]);
    expect(refused.map(judge)).toEqual([false, false, false]);
  });
});

describe("reading", () => {
  const good = `${part({ alg: "ES256" })}.${part({})}.AAAA`;
  test.each([
    ["crit", { alg: "ES256", crit: ["exp"], exp: 1 }],
    ["an empty crit", { alg: "ES256", crit: [] }],
    ["crit that is a text", { alg: "ES256", crit: "b64" }],
    ["b64", { alg: "ES256", b64: false, crit: ["b64"] }],
    ["b64 without crit", { alg: "ES256", b64: false }],
    ["compression", { alg: "ES256", zip: "DEF" }],
    ["encryption", { alg: "dir", enc: "A256GCM" }],
    ["no alg", { typ: "JWT" }],
    ["alg null", { alg: null }],
    ["alg 0", { alg: 0 }],
    ["alg a list", { alg: ["RS256"] }],
    ["kid a number", { alg: "ES256", kid: 1 }],
    ["kid a list", { alg: "ES256", kid: [] }],
    ["kid of a megabyte", { alg: "ES256", kid: "k".repeat(300) }],
    ["typ a number", { alg: "ES256", typ: 1 }],
    ["a repeated name", '{"alg":"ES256","alg":"none"}'],
    ["a repeated name in disguise", '{"alg":"ES256","\\u0061lg":"none"}'],
    ["a list", "[]"],
    ["a text", '"alg"'],
    ["nothing", ""],
    ["a byte order mark", "\ufeff{}"],
  ])("refuses a header with %s [attack:JW-10] [attack:JW-18]", (_name, header) => {
    expect(problemOf(`${part(header)}.${part({})}.AAAA`)).toEqual(expect.any(String));
    expect(problemOf(good)).toBeUndefined();
  });

  test.each([
    ["five parts", "a.b.c.d.e"],
    ["two parts", good.slice(0, -5)],
    ["white space", ` ${good}`],
    ["a line break at the end", `${good}\n`],
    ["padding", `${good}=`],
    ["spare bits that are not zero", good.replace(/AAAA$/, "AB")],
    ["the standard alphabet", good.replace(/AAAA$/, "++//")],
    ["a megabyte", `${good}${"A".repeat(1_000_000)}`],
    ["an empty signature", good.replace(/AAAA$/, "")],
  ])("refuses %s [attack:JW-20]", (_name, token) => expect(problemOf(token)).toEqual(expect.any(String)));

  test("keeps __proto__ of a payload as data [attack:JW-18]", () => {
    const claims = parseJsonObject(Buffer.from('{"__proto__":{"role":"admin"}}'))!;
    expect(Object.hasOwn(claims, "__proto__")).toBe(true);
    expect((claims as { role?: string }).role).toBeUndefined();
  });

  test.each([
    '{"sub":"a","sub":"b"}',
    '{"a":[{"b":1,"b":2}]}',
    '{"a":{"b":1},"a":2}',
    '{"a":1,"a":{"b":1}}',
    '{"a":[1],"a":[1]}',
    '{"a":{"\\u0062":1,"b":2}}',
    `${'{"a":'.repeat(40)}1${"}".repeat(40)}`,
    `{"a":${"[".repeat(32)}${"]".repeat(32)}}`,
    "null",
    "1",
  ])("takes %.30s for no object", (text) => expect(parseJsonObject(Buffer.from(text))).toBeUndefined());

  test("takes a name that stands in two objects, or in a text, for no repetition", () => {
    expect(parseJsonObject(Buffer.from('{"a":{"a":1},"b":[{"a":2},"a","a"],"c":"\\",\\"a\\":1"}'))).toBeDefined();
    expect(parseJsonObject(Buffer.from('{"a:b":"c:{:","d\\\\":":","e":":"}'))).toEqual({ "a:b": "c:{:", "d\\": ":", e: ":" });
    expect(parseJsonObject(Buffer.from(`{"a":${"[".repeat(31)}${"]".repeat(31)}}`))).toBeDefined();
  });

  test("refuses bytes that are not UTF-8 instead of replacing them [attack:JW-18]", () => {
    expect(parseJsonObject(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toBeUndefined();
  });

  test("is total, and agrees with JSON.parse on what it accepts", () => {
    assert(property(string(), (text) => void readJws(text)));
    assert(property(string(), string(), string(), (a, b, c) => void readJws(`${part(a)}.${part(b)}.${part(c)}`)));
    assert(
      property(uint8Array(), (bytes) => {
        const read = parseJsonObject(bytes);
        expect(read).toEqual(read === undefined ? undefined : JSON.parse(Buffer.from(bytes).toString()));
        expect(decodeBase64url(Buffer.from(bytes).toString("base64url"))).toEqual(Buffer.from(bytes));
      }),
    );
  });
});

describe("headers that were read before", () => {
  const readWith = (headers: ReturnType<typeof createJwsHeaders>, header: object, payload: object = {}) =>
    readJws(`${part(header)}.${part(payload)}.AAAA`, longestJws, headers) as UnverifiedJws;

  test("are not read again, and change nothing else", () => {
    const headers = createJwsHeaders();
    const first = readWith(headers, { alg: "ES256", kid: "a" });
    expect(readWith(headers, { alg: "ES256", kid: "a" }).header).not.toBe(first.header);
    headers.keep(first);
    const second = readWith(headers, { alg: "ES256", kid: "a" }, { sub: "b" });
    expect(second.header).toBe(first.header);
    expect(second.payload.toString()).toBe('{"sub":"b"}');
    expect(readWith(headers, { alg: "ES256", kid: "b" }).header.kid).toBe("b");
  });

  test("are a hundred at most, and none is long", () => {
    const headers = createJwsHeaders();
    const kept = Array.from({ length: 101 }, (_, index) => readWith(headers, { alg: "ES256", kid: `k${index}` }));
    kept.forEach(headers.keep);
    expect(kept.filter(({ headerPart }) => headers.find(headerPart) !== undefined)).toHaveLength(1);
    const long = readWith(headers, { alg: "ES256", x: "x".repeat(1_000) });
    headers.keep(long);
    expect(headers.find(long.headerPart)).toBeUndefined();
  });
});
