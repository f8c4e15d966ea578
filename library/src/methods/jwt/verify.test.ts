import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { isRefusal } from "../../contracts/index.ts";
import { signJws, signingKey, verificationKey } from "../../primitives/index.ts";
import { proveJwt, type TrustedIssuer, trustIn } from "./verify.ts";

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const trusted: TrustedIssuer = {
  issuer: "https://auth.example.com",
  audiences: ["https://api.example.com"],
  types: ["at+jwt"],
  toleranceMs: 0,
  required: [],
  find: ({ kid }) => (kid === "one" ? verificationKey("ES256", publicKey, "one") : undefined),
  accept: () => {
    throw new TypeError("Nothing is accepted here.");
  },
};
const tokenOf = (key = privateKey, keyId = "one") =>
  signJws({ iss: trusted.issuer, sub: "alice", aud: trusted.audiences[0], exp: 2_000 }, "at+jwt", signingKey("ES256", key, keyId));

test("remembers a header only once a key of the issuer has signed it", () => {
  const trust = trustIn(trusted);
  const [headerPart = ""] = tokenOf().split(".");
  const forged = tokenOf(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
  expect(isRefusal(proveJwt(forged, trust, 0))).toBe(true);
  expect(isRefusal(proveJwt(tokenOf(privateKey, "two"), trust, 0))).toBe(true);
  expect(trust.headers.find(headerPart)).toBeUndefined();
  expect(proveJwt(tokenOf(), trust, 0)).toMatchObject({ claims: { subject: "alice" } });
  expect(trust.headers.find(headerPart)).toEqual({ alg: "ES256", typ: "at+jwt", kid: "one" });
  // Known by its header, and forged all the same.
  expect(isRefusal(proveJwt(forged, trust, 0))).toBe(true);
  expect(isRefusal(proveJwt(tokenOf(), trust, 2_000_000))).toBe(true);
});
