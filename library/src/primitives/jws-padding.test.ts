// What Wycheproof calls ModifiedPadding: signatures of RS256 whose padding or DigestInfo is another than RFC 8017 s.9.2 says.
// Made here with a key of our own, by encrypting the wrong block with the private key.
import { constants, createHash, generateKeyPairSync, privateEncrypt, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import { readJws, verifyJws } from "./jws.ts";
import { type JwsAlgorithm, verificationKey } from "./jws-keys.ts";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const key = verificationKey("RS256", publicKey);
const length = 256;
const signed = `${Buffer.from('{"alg":"RS256"}').toString("base64url")}.${Buffer.from("foo").toString("base64url")}`;
const hash = createHash("sha256").update(signed).digest();
const oid = Buffer.from("0609608648016503040201", "hex");
const sequence = (...parts: Buffer[]) => tagged(0x30, Buffer.concat(parts));
const tagged = (tag: number, content: Buffer) => Buffer.concat([Buffer.from([tag, content.length]), content]);
const nothing = Buffer.from([5, 0]);
const algorithm = sequence(oid, nothing);
const digest = tagged(4, hash);
const good = sequence(algorithm, digest);

/** A block around a DigestInfo; what is left out is as it should be. */
function block(info: Buffer, { lead = 0, type = 1, fill = 0xff, separator = 0, tail = Buffer.alloc(0) } = {}): Buffer {
  const filled = length - 3 - info.length - tail.length;
  return Buffer.concat([Buffer.from([lead, type]), Buffer.alloc(filled, fill), Buffer.from([separator]), info, tail]);
}

function verifies(em: Buffer): boolean {
  const signature = privateEncrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, em);
  const jws = readJws(`${signed}.${signature.toString("base64url")}`);
  return !("problem" in jws) && verifyJws(jws, key);
}

const flipped = (at: number) => {
  const changed = Buffer.from(good);
  changed[at]! ^= 1;
  return changed;
};
const short = Buffer.concat([good.subarray(0, 1), Buffer.from([good.length - 3]), good.subarray(2, -1)]);

const modified: readonly (readonly [string, () => Buffer])[] = [
  ["no DigestInfo around the hash", () => block(hash)],
  ["the hash of something else", () => block(sequence(algorithm, tagged(4, createHash("sha256").update("x").digest())))],
  ["another hash algorithm named", () => block(sequence(sequence(Buffer.from("0609608648016503040202", "hex"), nothing), digest))],
  ["no NULL of the parameters", () => block(sequence(sequence(oid), digest))],
  ["two NULLs", () => block(sequence(sequence(oid, nothing, nothing), digest))],
  ["a NULL with content", () => block(sequence(sequence(oid, Buffer.from([5, 1, 0])), digest))],
  ["an empty sequence for the NULL", () => block(sequence(sequence(oid, Buffer.from([0x30, 0])), digest))],
  ["a BOOLEAN in front", () => block(sequence(Buffer.from([1, 1, 0]), algorithm, digest))],
  ["garbage behind the digest", () => block(sequence(algorithm, digest, Buffer.from([0, 0])))],
  ["garbage behind the DigestInfo", () => block(good, { tail: Buffer.alloc(8, 0xab) })],
  [
    "eight bytes of padding only, and garbage behind (CVE-2006-4339)",
    () => block(good, { tail: Buffer.alloc(length - 3 - good.length - 8) }),
  ],
  ["a length in the long form", () => block(Buffer.concat([Buffer.from([0x30, 0x81, good.length - 2]), good.subarray(2)]))],
  ["a length in the long form with zeros", () => block(Buffer.concat([Buffer.from([0x30, 0x82, 0, good.length - 2]), good.subarray(2)]))],
  ["an indefinite length", () => block(Buffer.concat([Buffer.from([0x30, 0x80]), good.subarray(2), Buffer.from([0, 0])]))],
  ["a length that is one too long", () => block(Buffer.concat([Buffer.from([0x30, good.length - 1]), good.subarray(2)]))],
  ["a length that is one too short", () => block(Buffer.concat([Buffer.from([0x30, good.length - 3]), good.subarray(2)]))],
  ["a digest that is cut short", () => block(short)],
  ["an OCTET STRING with the wrong tag", () => block(sequence(algorithm, tagged(3, hash)))],
  ["a constructed OCTET STRING", () => block(sequence(algorithm, tagged(0x24, digest)))],
  ["a SET for the sequence", () => block(tagged(0x31, Buffer.concat([algorithm, digest])))],
  ["algorithm and digest changed about", () => block(sequence(digest, algorithm))],
  ["the sequence twice", () => block(Buffer.concat([good, good]))],
  ["block type 0", () => block(good, { type: 0, fill: 0 })],
  ["block type 2", () => block(good, { type: 2, fill: 0x11 })],
  ["padding of zeros", () => block(good, { fill: 0 })],
  ["padding of fe", () => block(good, { fill: 0xfe })],
  ["no separator", () => block(good, { separator: 0xff })],
  ["a zero within the padding", () => block(Buffer.concat([Buffer.from([0]), Buffer.alloc(10, 0xff), Buffer.from([0]), good]))],
  ["one bit of the OID changed", () => block(flipped(8))],
  ["one bit of a length changed", () => block(flipped(1))],
  ["one bit of a tag changed", () => block(flipped(0))],
  ["a block of zeros", () => Buffer.alloc(length)],
  ["a block of one", () => Buffer.concat([Buffer.alloc(length - 1), Buffer.from([1])])],
];

describe("a signature of RS256", () => {
  test("is good with the one padding that there is", () => {
    expect(verifies(block(good))).toBe(true);
  });

  test.each(modified)("is refused with %s [attack:JW-16]", (_name, make) => {
    const em = make();
    expect(em.length).toBe(length);
    expect(verifies(em)).toBe(false);
  });

  test.each([
    ["longer than the modulus", (bytes: Buffer) => Buffer.concat([Buffer.from([0]), bytes])],
    ["shorter than the modulus", (bytes: Buffer) => bytes.subarray(0, -1)],
    ["empty but for a zero", () => Buffer.from([0])],
    ["all ones", () => Buffer.alloc(length, 0xff)],
  ])("that is %s is refused [attack:JW-16]", (_name, change) => {
    const made = privateEncrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, block(good));
    const jws = readJws(`${signed}.${change(made).toString("base64url")}`);
    expect("problem" in jws || verifyJws(jws, key)).toBe(false);
  });
});

// What Wycheproof calls WrongPrimitive and ModifiedSignature, for every algorithm of RSA.
const algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] as const satisfies readonly JwsAlgorithm[];
const hashOf = (name: string) => `sha${name.slice(2)}`;

function signedBy(name: string, header: string, saltLength = Number(name.slice(2)) / 8): string {
  const text = `${Buffer.from(JSON.stringify({ alg: header })).toString("base64url")}.MTIzNDAw`;
  const padding = name.startsWith("PS") ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
  const options = name.startsWith("PS") ? { key: privateKey, padding, saltLength } : { key: privateKey, padding };
  return `${text}.${sign(hashOf(name), Buffer.from(text), options).toString("base64url")}`;
}

function accepted(token: string, name: JwsAlgorithm): boolean {
  const jws = readJws(token);
  return !("problem" in jws) && verifyJws(jws, verificationKey(name, publicKey));
}

describe.each(algorithms)("a key of RSA for %s", (name) => {
  test("accepts its own signatures, and not with any byte of one changed", () => {
    const token = signedBy(name, name);
    expect(accepted(token, name)).toBe(true);
    const [header, payload, signature] = token.split(".") as [string, string, string];
    for (const at of [0, 1, 127, 254, 255]) {
      const bytes = Buffer.from(signature, "base64url");
      bytes[at]! ^= 0x01;
      expect(accepted(`${header}.${payload}.${bytes.toString("base64url")}`, name)).toBe(false);
    }
  });

  test.each(algorithms.filter((other) => other !== name))(
    "accepts none of %s, whichever the token names [attack:JW-04] [attack:JW-16]",
    (other) => {
      expect([accepted(signedBy(other, other), name), accepted(signedBy(other, name), name)]).toEqual([false, false]);
    },
  );
});

test.each(["PS256", "PS384", "PS512"] as const)("a signature of %s with a salt of another length is refused [attack:JW-16]", (name) => {
  const right = Number(name.slice(2)) / 8;
  for (const salt of [0, 20, right - 1, right + 1]) expect(accepted(signedBy(name, name, salt), name)).toBe(false);
});
