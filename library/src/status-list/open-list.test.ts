import { generateKeyPairSync } from "node:crypto";
import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { signingKey, signJws, verificationKey } from "../primitives/index.ts";
import { packStatusList } from "./list-token.ts";
import { openStatusList } from "./open-list.ts";

const at = Date.parse("2026-11-24T10:00:00Z");
const seconds = at / 1_000;
const uri = "https://auth.example.com/status-lists/0";
const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
const key = verificationKey("ES256", pair.publicKey);
const good = { sub: uri, iat: seconds, exp: seconds + 60, ttl: 30, status_list: await packStatusList(Buffer.from([0b0000_0010])) };
const sign = (claims: object = {}, type = "statuslist+jwt", signer = pair.privateKey) =>
  signJws({ ...good, ...claims }, type, signingKey("ES256", signer));
const open = (token: string) => openStatusList(token, uri, () => key, at);

test("a list of the issuer is opened, with its end", async () => {
  const { list, expiresAt } = await open(sign());
  expect([list.isSet(0), list.isSet(1), list.isSet(8)]).toEqual([false, true, undefined]);
  expect(expiresAt).toBe(at + 60_000);
  expect((await open(sign({ exp: undefined }))).expiresAt).toBe(Infinity);
  expect((await open(sign({}, "application/StatusList+JWT"))).list.isSet(1)).toBe(true);
});

describe("a list is not believed", () => {
  test.each([
    ["with another type: an access token, say", () => sign({}, "at+jwt"), "typ is not statuslist+jwt"],
    ["without a type", () => sign({}, ""), "typ is not statuslist+jwt"],
    [
      "signed by somebody else",
      () => sign({}, undefined, generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey),
      "did not sign this",
    ],
    ["changed by one character", () => sign().replace(/\.(.)/, (_, first: string) => `.${first === "e" ? "f" : "e"}`), "did not sign this"],
    ["that is another of the same issuer", () => sign({ sub: "https://auth.example.com/status-lists/1" }), "sub is another list"],
    ["from the future", () => sign({ iat: seconds + 61 }), "iat is missing or ahead"],
    ["without iat", () => sign({ iat: undefined }), "iat is missing or ahead"],
    ["that has expired", () => sign({ exp: seconds }), "it has expired"],
    ["whose exp is a text", () => sign({ exp: "never" }), "it has expired"],
    ["without a list", () => sign({ status_list: undefined }), "cannot be unpacked"],
    ["with three bits a token", () => sign({ status_list: { ...good.status_list, bits: 3 } }), "cannot be unpacked"],
    ["that is not compressed", () => sign({ status_list: { bits: 1, lst: "AAAA" } }), "cannot be unpacked"],
    ["that is no token", () => "<html>", "fewer than three parts"],
  ])("%s", async (_name, make, problem) => {
    await expect(open(make())).rejects.toThrow(problem);
  });

  test("that unpacks to more than two mebibytes [attack:JW-20]", async () => {
    const lst = deflateSync(Buffer.alloc(3 * 1024 * 1024)).toString("base64url");
    expect(lst.length).toBeLessThan(10_000);
    await expect(open(sign({ status_list: { bits: 1, lst } }))).rejects.toThrow("cannot be unpacked");
  });

  test("that is longer than four mebibytes, before anything is decoded", async () => {
    await expect(open("a".repeat(4 * 1024 * 1024 + 1))).rejects.toThrow("longer than");
  });

  test("by a key that nobody has", async () => {
    await expect(openStatusList(sign(), uri, () => undefined, at)).rejects.toThrow("did not sign this");
  });
});
