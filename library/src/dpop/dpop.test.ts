import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import * as fc from "fast-check";
import { calculateJwkThumbprint, exportJWK, SignJWT } from "jose";
import { beforeEach, describe, expect, test } from "vitest";
import { isRefusal } from "../contracts/index.ts";
import { deriveKeys, jwkThumbprint, sha256 } from "../primitives/index.ts";
import { memory } from "../stores/memory/index.ts";
import { createDpop, createNonces, type Dpop, dpopAlgorithms, type ProofQuestion, readDpopOptions } from "./index.ts";
import { samePlace } from "./same-place.ts";

const at = Date.parse("2026-11-24T12:00:00Z");
const seconds = at / 1_000;
const nonces = createNonces(deriveKeys(["a master secret of at least 32 bytes, for tests"], "dpop-nonce"));
const makeDpop = (requireNonce = false) => createDpop({ ephemeral: memory({ clock: { now: () => at } }), nonces, requireNonce });
let dpop: Dpop;
beforeEach(() => {
  dpop = makeDpop();
});

const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
const publicJwk = pair.publicKey.export({ format: "jwk" });
const part = (value: unknown) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const good = { jti: "proof-1", htm: "GET", htu: "https://api.example.com/posts", iat: seconds };
/** A proof with whatever header and claims. */
function proof(claims: object = {}, header: object = {}, key: KeyObject = pair.privateKey): string {
  const signed = `${part({ typ: "dpop+jwt", alg: "ES256", jwk: publicJwk, ...header })}.${part({ ...good, ...claims })}`;
  return `${signed}.${sign("sha256", Buffer.from(signed), { key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}
const ask = (made: ProofQuestion["proof"], question: Partial<ProofQuestion> = {}, on = dpop) =>
  on.verify({ proof: made, method: "GET", urls: [good.htu], accessToken: undefined, at, ...question });
const codeOf = async (made: ProofQuestion["proof"], question: Partial<ProofQuestion> = {}, on = dpop) => {
  const answer = await ask(made, question, on);
  return isRefusal(answer) ? answer.code : "good";
};

describe("the examples of RFC 9449", () => {
  const header =
    "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19";
  const tokenRequest = `${header}.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg`;
  const resourceRequest = `${header}.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA`;
  const accessToken = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
  const thumbprint = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

  test("hold at the token endpoint and at the resource, for the key of s.6.1", async () => {
    const forToken = { method: "POST", urls: ["https://server.example.com/token"], at: 1_562_262_616_000 };
    expect(await ask(tokenRequest, forToken)).toEqual({ thumbprint });
    const forResource = { urls: ["https://resource.example.org/protectedresource"], accessToken, at: 1_562_262_618_000 };
    expect(await ask(resourceRequest, forResource)).toEqual({ thumbprint });
  });

  test("do not hold with another token, another method or once changed", async () => {
    const question = { urls: ["https://resource.example.org/protectedresource"], accessToken, at: 1_562_262_618_000 };
    expect(await codeOf(resourceRequest, { ...question, accessToken: `${accessToken}x` })).toBe("dpop.wrong-token");
    expect(await codeOf(resourceRequest, { ...question, method: "POST" })).toBe("dpop.wrong-request");
    expect(await codeOf(resourceRequest.replace("2oW9", "2oW8"), question)).toBe("dpop.bad-signature");
  });
});

describe("a thumbprint", () => {
  test("is that of the example of RFC 7638 s.3.1", () => {
    const n =
      "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
    const key = createPublicKey({ key: { kty: "RSA", n, e: "AQAB" }, format: "jwk" });
    expect(jwkThumbprint(key)).toBe("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
  });

  test("is the one that jose makes, for every kind of key", async () => {
    const keys = [
      generateKeyPairSync("ec", { namedCurve: "P-256" }),
      generateKeyPairSync("ec", { namedCurve: "P-384" }),
      generateKeyPairSync("ec", { namedCurve: "P-521" }),
      generateKeyPairSync("ed25519"),
      generateKeyPairSync("rsa", { modulusLength: 2048 }),
    ];
    for (const { publicKey } of keys) expect(jwkThumbprint(publicKey)).toBe(await calculateJwkThumbprint(await exportJWK(publicKey)));
  });
});

describe("a proof", () => {
  test("of any allowed algorithm is good, made by somebody else's library", async () => {
    const keys = {
      ES256: generateKeyPairSync("ec", { namedCurve: "P-256" }),
      ES384: generateKeyPairSync("ec", { namedCurve: "P-384" }),
      ES512: generateKeyPairSync("ec", { namedCurve: "P-521" }),
      EdDSA: generateKeyPairSync("ed25519"),
      PS256: generateKeyPairSync("rsa", { modulusLength: 2048 }),
      RS256: generateKeyPairSync("rsa", { modulusLength: 2048 }),
    };
    for (const alg of dpopAlgorithms) {
      const { publicKey, privateKey } = keys[alg];
      const jwk = await exportJWK(publicKey);
      const made = await new SignJWT({ ...good, jti: alg }).setProtectedHeader({ typ: "dpop+jwt", alg, jwk }).sign(privateKey);
      expect(await ask(made)).toEqual({ thumbprint: await calculateJwkThumbprint(jwk) });
    }
    expect(await codeOf(proof({}, { typ: "application/DPoP+JWT" }))).toBe("good");
  });

  test("counts once, also when the other comes at the same moment [attack:OS-23]", async () => {
    const made = proof();
    expect(await Promise.all([codeOf(made), codeOf(made)])).toEqual(["good", "dpop.replayed"]);
    // The same id under another key is another proof.
    const other = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const theirs = proof({}, { jwk: other.publicKey.export({ format: "jwk" }) }, other.privateKey);
    expect(await codeOf(theirs)).toBe("good");
  });

  test("that is refused for another reason does not use up its id", async () => {
    expect(await codeOf(proof(), { method: "POST" })).toBe("dpop.wrong-request");
    expect(await codeOf(proof())).toBe("good");
  });

  test("is for one method and one URL, whatever its query [attack:OS-23]", async () => {
    for (const claims of [
      { htm: "get" },
      { htm: "POST" },
      { htu: "https://api.example.com/post" },
      { htu: "https://api.example.com/posts/" },
      { htu: "https://api.example.com:8443/posts" },
      { htu: "http://api.example.com/posts" },
      { htu: "https://api.example.com.evil.example/posts" },
      { htu: "https://user@api.example.com/posts" },
      { htu: "/posts" },
    ])
      expect(await codeOf(proof(claims))).toBe("dpop.wrong-request");
    for (const [index, htu] of ["HTTPS://API.example.com:443/posts?page=2#top", "https://api.example.com/./%70osts"].entries())
      expect(await codeOf(proof({ htu, jti: `spelt ${index}` }))).toBe("good");
  });

  test("is of this minute: ten seconds off are no matter, ten minutes are [attack:OS-23]", async () => {
    for (const off of [-60, -10, 10, 15]) expect(await codeOf(proof({ iat: seconds + off, jti: `off ${off}` }))).toBe("good");
    for (const off of [-600, -61, 16, 600]) expect(await codeOf(proof({ iat: seconds + off }))).toBe("dpop.not-fresh");
  });

  test("names the token that comes along [attack:OS-23]", async () => {
    expect(await codeOf(proof({ ath: sha256("token") }), { accessToken: "token" })).toBe("good");
    expect(await codeOf(proof(), { accessToken: "token" })).toBe("dpop.wrong-token");
    expect(await codeOf(proof({ ath: sha256("another") }), { accessToken: "token" })).toBe("dpop.wrong-token");
  });

  test("comes once, and is a signed JWT of its type [attack:OS-23]", async () => {
    expect(await codeOf(undefined)).toBe("dpop.proof-missing");
    expect(await codeOf([proof(), proof({ jti: "2" })])).toBe("dpop.proof-malformed");
    expect(await codeOf(`${proof()}, ${proof({ jti: "2" })}`)).toBe("dpop.proof-malformed");
    for (const text of ["", "x", "a.b", "a.b.c", "e30.e30.e30", `${proof()}.x`, "x".repeat(9_000), proof({ pad: "x".repeat(9_000) })])
      expect(await codeOf(text)).toBe("dpop.proof-malformed");
    expect(await codeOf(proof({}, { crit: ["b64"], b64: false }))).toBe("dpop.proof-malformed");
    for (const typ of ["JWT", "at+jwt", "dpop", "", undefined]) expect(await codeOf(proof({}, { typ }))).toBe("dpop.wrong-type");
  });

  test("is signed asymmetrically, by the public key that it shows [attack:OS-23]", async () => {
    for (const alg of ["none", "HS256", "HS512", "RS1", "es256", "__proto__"])
      expect(await codeOf(proof({}, { alg }))).toBe("dpop.wrong-algorithm");
    const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    expect(await codeOf(proof({}, {}, other))).toBe("dpop.bad-signature");
    // Once the header is known too.
    expect(await codeOf(proof())).toBe("good");
    expect(await codeOf(proof({ jti: "2" }, {}, other))).toBe("dpop.bad-signature");
    const small = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ format: "jwk" });
    for (const jwk of [
      undefined,
      null,
      "x",
      [],
      {},
      { kty: "oct", k: "c2VjcmV0" },
      { ...publicJwk, x: publicJwk.y },
      { ...publicJwk, x: 1 },
      { ...publicJwk, crv: "P-384" },
      generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" }),
      pair.privateKey.export({ format: "jwk" }),
    ])
      expect(await codeOf(proof({}, { jwk }))).toBe("dpop.bad-key");
    expect(await codeOf(proof({}, { alg: "RS256", jwk: small }))).toBe("dpop.bad-key");
  });

  test("has claims of the right types", async () => {
    for (const claims of [
      { jti: undefined },
      { jti: 1 },
      { jti: "" },
      { jti: "x".repeat(513) },
      { htm: undefined },
      { htm: ["GET"] },
      { htu: undefined },
      { htu: {} },
      { iat: undefined },
      { iat: "now" },
      { iat: -1 },
      { iat: at },
      { ath: 1 },
      { nonce: "" },
      { nonce: 5 },
    ])
      expect(await codeOf(proof(claims))).toBe("dpop.bad-claims");
  });

  test("any text gets an answer", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `${part({ typ: "dpop+jwt", alg: "ES256", jwk: text })}.e30.AA`),
        ),
        (text) => isRefusal(dpop.verify({ proof: text, method: "GET", urls: [good.htu], accessToken: undefined, at })),
      ),
    );
  });
});

describe("a nonce", () => {
  test("is asked for where it is required, and told with the refusal", async () => {
    const strict = makeDpop(true);
    const refused = await ask(proof(), {}, strict);
    expect(refused).toMatchObject({
      code: "dpop.nonce-needed",
      status: 401,
      bearerError: "use_dpop_nonce",
      headers: { "dpop-nonce": nonces.current(at) },
    });
    expect(await codeOf(proof({ nonce: nonces.current(at) }), {}, strict)).toBe("good");
  });

  test("of another server or of long ago is refused, required or not", async () => {
    const theirs = createNonces(deriveKeys(["another master secret of at least 32 bytes!!"], "dpop-nonce"));
    for (const nonce of ["x", theirs.current(at), nonces.current(at - 600_000), nonces.current(at + 600_000)])
      for (const on of [dpop, makeDpop(true)]) expect(await codeOf(proof({ nonce }), {}, on)).toBe("dpop.nonce-needed");
  });

  test("holds for two and a half minutes at least, on every node, and under the master secret before", () => {
    const secrets = ["a new master secret of at least 32 bytes, 2026", "a master secret of at least 32 bytes, for tests"];
    const elsewhere = createNonces(deriveKeys(secrets, "dpop-nonce"));
    for (const later of [0, 60_000, 149_999]) expect(elsewhere.isFresh(nonces.current(at), at + later)).toBe(true);
    expect(elsewhere.isFresh(nonces.current(at), at + 300_000)).toBe(false);
  });
});

describe("two URLs", () => {
  test.each([
    ["https://a.example/x", "https://a.example/x?y#z", true],
    ["https://a.example", "https://A.example:443/", true],
    ["https://a.example/%7Eme", "https://a.example/~me", true],
    ["https://a.example/a%2fb", "https://a.example/a%2Fb", true],
    ["https://a.example/a%2Fb", "https://a.example/a/b", false],
    ["https://a.example/a", "https://a.example/A", false],
    ["https://a.example/a", "https://a.example//a", false],
    ["ftp://a.example/a", "ftp://a.example/a", false],
    ["", "", false],
  ])("%s and %s: one place is %s", (one, other, same) => {
    expect(samePlace(one, other)).toBe(same);
  });
});

describe("the options", () => {
  const issuer = "https://auth.example.com/base";

  test("name the URLs under which this API is known", () => {
    expect(readDpopOptions({ origins: ["https://api.example.com/v1"] }, issuer, "https://api.example.org/a")).toEqual({
      requireNonce: false,
      bases: [issuer, "https://auth.example.com", "https://api.example.org", "https://api.example.org/a", "https://api.example.com/v1"],
    });
    expect(readDpopOptions({}, issuer, "posts-api").bases).toEqual([issuer, "https://auth.example.com"]);
  });

  test.each([
    { origins: ["api.example.com"] },
    { origins: ["https://a.example/?x=1"] },
    { origins: "https://a.example" },
    { requireNonce: "yes" },
  ])("are refused when they cannot be used: %j", (options) => {
    expect(() => readDpopOptions(options as never, issuer, issuer)).toThrow(/dpop\.(origins|requireNonce): got/);
  });
});
