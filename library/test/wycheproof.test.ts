// The vectors of Wycheproof for JWS (401) and JWK (26), every number accounted for. Those that the tests of the two rooms hold
// word for word are run there; here are those that differ from one of them by what is written below.
import { describe, expect, test } from "vitest";
import { chooseKey, keysOfSet } from "../src/methods/jwt/jwk-set.ts";
import sets from "../src/methods/jwt/vectors/wycheproof-json-web-key.json" with { type: "json" };
import { type JwsAlgorithm, jwsAlgorithms, readJws, verifyJws } from "../src/primitives/index.ts";
import rfcVectors from "../src/primitives/vectors/rfc-7515-7520-8037.json" with { type: "json" };
import signatures from "../src/primitives/vectors/wycheproof-json-web-signature.json" with { type: "json" };

interface Vector {
  readonly tcId: number;
  readonly keys: readonly object[];
  readonly jws: string;
  readonly valid: boolean;
}

const held: readonly Vector[] = signatures.groups.flatMap(({ jwk, tests }) => tests.map((one) => ({ keys: [jwk], ...one })));
const heldOf = (tcId: number) => held.find((vector) => vector.tcId === tcId)!;
const setOf = (tcId: number) => sets.tests.find((vector) => vector.tcId === tcId)!;
const encoded = (text: string) => Buffer.from(text).toString("base64url");
const numbers = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

function verifies({ keys, jws }: Pick<Vector, "keys" | "jws">): boolean {
  const read = readJws(jws);
  if ("problem" in read) return false;
  const key = chooseKey(keysOfSet({ keys }, jwsAlgorithms satisfies readonly JwsAlgorithm[]) ?? [], read.header);
  return key !== undefined && verifyJws(read, key);
}

/** The thirteen tokens that each of the first groups makes of its good one. */
function changed(good: string): readonly string[] {
  const [header, payload, signature] = good.split(".") as [string, string, string];
  const otherKid = encoded(Buffer.from(header, "base64url").toString().replace('"kid":"k', '"kid":"X'));
  return [
    good,
    `${header}.${payload}.X${signature.slice(1)}`,
    `${header}.${payload}.`,
    `${header}.${payload}`,
    `${header}.WG9v.${signature}`,
    `${header}..${signature}`,
    `${header}.${signature}`,
    `${otherKid}.${payload}.${signature}`,
    `.${payload}.${signature}`,
    `${payload}.${signature}`,
    `.${payload}.`,
    payload,
    "",
  ];
}

/** Of a signature of ES256: its two numbers, each behind these bytes. */
function stretched(beforeR: Buffer, beforeS: Buffer): string {
  const [header, payload, signature] = heldOf(18).jws.split(".") as [string, string, string];
  const bytes = Buffer.from(signature, "base64url");
  return `${header}.${payload}.${Buffer.concat([beforeR, bytes.subarray(0, 32), beforeS, bytes.subarray(32)]).toString("base64url")}`;
}

const rsa = setOf(5);
const rfc = (name: string) => rfcVectors.find((vector) => vector.name === `RFC 7520 ${name}`)!;
/** The tokens of RFC 7520, with the algorithm that Wycheproof's key names: one that the token has not, and one that is none. */
const rfc7520 = [
  { ...rfc("4.1"), kid: "bilbo.baggins@hobbiton.example", alg: "RS256", valid: true },
  { ...rfc("4.2"), kid: "bilbo.baggins@hobbiton.example", alg: "PS256", valid: false },
  { ...rfc("4.3"), kid: "bilbo.baggins@hobbiton.example", alg: "ES521", valid: false },
  { ...rfc("4.4"), kid: "018c0ae5-4d9b-471b-bfd6-eef314bc7037", alg: "HS256", valid: true },
];
const none = ['{"alg":"none"}', '{"alg":"NONE"}', '{"alg":"none","kid":"none"}', '{"alg":"none","kid":"PS512_2048"}'];
const special = [{ ...heldOf(378).keys[0], kid: "kid-ec-sign" }];
const { alg: _alg, ...ecKey } = special[0] as { alg?: string };
const { alg: _rsaAlg, use: _use, ...rsaKey } = rsa.keys[0] as { alg: string; use: string };

const made: readonly Vector[] = [
  ...changed(rsa.jws).map((jws, index) => ({ tcId: 33 + index, keys: rsa.keys, jws, valid: index === 0 })),
  ...none.map((header, index) => ({ tcId: 341 + index, keys: rsa.keys, jws: `${encoded(header)}.MTIzNDAw.`, valid: false })),
  ...rfc7520.map(({ kid, alg, jwk, jws, valid }, index) => ({ tcId: 345 + index, keys: [{ ...jwk, kid, alg, use: "sig" }], jws, valid })),
  ...rfc7520.map(({ kid, alg, jwk, jws, valid }, index) => {
    const what = index === 3 ? { use: "sig" } : { key_ops: ["verify"] };
    return { tcId: 349 + index, keys: [{ ...jwk, kid, alg, ...what }], jws, valid };
  }),
  { tcId: 353, keys: [{ ...rsaKey, use: "enc" }], jws: rsa.jws, valid: false },
  { tcId: 354, keys: [{ ...ecKey, use: "enc" }], jws: heldOf(18).jws, valid: false },
  { tcId: 355, keys: [{ ...rsaKey, key_ops: ["encrypt"] }], jws: rsa.jws, valid: false },
  { tcId: 356, keys: [{ ...ecKey, key_ops: ["encrypt"] }], jws: heldOf(18).jws, valid: false },
  { tcId: 383, keys: special, jws: stretched(Buffer.of(1), Buffer.of(0)), valid: false },
  { tcId: 384, keys: special, jws: stretched(Buffer.of(0), Buffer.of(1)), valid: false },
  { tcId: 385, keys: special, jws: stretched(Buffer.alloc(256), Buffer.alloc(256)), valid: false },
];

/** Why a number is not run as it is published. There is no other reason. */
const reasons = {
  "RSA under keys that are not here: every kind of it is made with a key of our own in jws-padding.test.ts": numbers(46, 340),
  "the good token of 357 once more, marked invalid": [367, 370],
};
const setReasons = {
  "ambiguous there: a set with public and secret keys, two keys of one kid": [1, 4],
  "a modulus with the structure of ROCA, which is not looked for": [7],
};

describe("Wycheproof", () => {
  test("is accounted for, each number once [attack:JW-16]", () => {
    const all = [...held, ...made].map(({ tcId }) => tcId);
    expect([...all, ...Object.values(reasons).flat()].toSorted((one, other) => one - other)).toEqual(numbers(1, 401));
    expect([held.length, made.length, Object.values(reasons).flat().length]).toEqual([72, 32, 297]);
    const ofSets = [...sets.tests, ...moreSets].map(({ tcId }) => tcId);
    expect([...ofSets, ...Object.values(setReasons).flat()].toSorted((one, other) => one - other)).toEqual(numbers(1, 26));
  });

  test("is told as published where we make it: what is made of 1 and 18 is what stands there", () => {
    expect(changed(heldOf(1).jws)).toEqual(numbers(1, 13).map((tcId) => heldOf(tcId).jws));
    expect(changed(heldOf(18).jws)).toEqual(numbers(18, 30).map((tcId) => heldOf(tcId).jws));
    expect(stretched(Buffer.of(0), Buffer.of(0))).toBe(heldOf(379).jws);
    expect(verifies({ keys: special, jws: heldOf(378).jws })).toBe(true);
  });

  test.each(made)("$tcId is answered with $valid [attack:JW-16]", (vector) => {
    expect(verifies(vector)).toBe(vector.valid);
  });

  test.each(["4.2", "4.3"])("what is refused of RFC 7520 s.%s for its key is good under the algorithm that it names", (name) => {
    const { jwk, alg, jws } = rfc(name);
    const keys = [{ ...jwk, kid: "bilbo.baggins@hobbiton.example", alg }];
    expect(verifies({ keys, jws })).toBe(true);
  });

  test.each([
    ["RSA", rsaKey, rsa.jws],
    ["P-256", ecKey, heldOf(18).jws],
  ])("a key of %s that is refused to encrypt is good to sign", (_, key, jws) => {
    for (const what of [{ use: "sig" }, { use: undefined }, { use: undefined, key_ops: ["verify"] }])
      expect(verifies({ keys: [{ ...key, ...what }], jws })).toBe(true);
  });
});

const moreSets: readonly Vector[] = ["A256GCM", "A256KW"].map((alg, index) => ({
  tcId: 25 + index,
  keys: [{ ...setOf(2).keys[0], alg }],
  jws: setOf(2).jws,
  valid: false,
}));

test.each(moreSets)("a key set answers Wycheproof $tcId with $valid [attack:JW-16]", (vector) => {
  expect(verifies(vector)).toBe(vector.valid);
});
