import { expect, test } from "vitest";
import { isSymmetric, jwsAlgorithms, readJws, verifyJws } from "../../primitives/index.ts";
import { chooseKey, keysOfSet } from "./jwk-set.ts";
import wycheproof from "./vectors/wycheproof-json-web-key.json" with { type: "json" };

const verifies = (keys: readonly object[], token: string, allowed = jwsAlgorithms): boolean => {
  const jws = readJws(token);
  if ("problem" in jws) return false;
  const key = chooseKey(keysOfSet({ keys }, allowed) ?? [], jws.header);
  return key !== undefined && verifyJws(jws, key);
};

test.each(wycheproof.tests)("a key set answers Wycheproof $tcId ($comment) with $valid [attack:JW-16]", ({ keys, jws, valid }) => {
  expect(verifies(keys, jws)).toBe(valid);
});

test("the key of Wycheproof 19 to 24 is right where nothing is wrong with it", () => {
  const { keys, jws } = wycheproof.tests.find(({ tcId }) => tcId === 21)!;
  expect(verifies([{ ...keys[0], use: "sig" }], jws)).toBe(true);
});

test("a set of somebody else's never gives a secret key, whatever stands in it", () => {
  const { keys, jws } = wycheproof.tests.find(({ tcId }) => tcId === 2)!;
  const allowed = jwsAlgorithms.filter((name) => !isSymmetric(name));
  expect(verifies(keys, jws, allowed)).toBe(false);
});

test("no more than a hundred keys of a set are looked at", () => {
  const { keys } = wycheproof.tests.find(({ tcId }) => tcId === 21)!;
  const many = Array.from({ length: 150 }, () => ({ ...keys[0], use: "sig" }));
  expect(keysOfSet({ keys: many }, jwsAlgorithms)).toHaveLength(100);
});
