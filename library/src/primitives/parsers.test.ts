import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addressBucket,
  authorizationOf,
  inAddressRanges,
  inspectToken,
  isId,
  isRoleName,
  isScopeToken,
  isToken68,
  newToken,
  parseAddressRange,
  parseDuration,
  parseRate,
  quote,
  readBearer,
  splitAuthorization,
  tokenHint,
} from "./index.ts";

const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.uint8Array().map((bytes) => Buffer.from(bytes).toString("latin1")),
  fc.string({ unit: fc.constantFrom("lk_", "live_", "0", "aZ", "/", ":", ".", ",", "=", " ", "\0", "\u00ff", "1m") }),
);

const parsers: Readonly<Record<string, (text: string) => unknown>> = {
  addressBucket,
  authorizationOf: (text) => authorizationOf(text, "bearer"),
  inAddressRanges: (text) => inAddressRanges(text, [parseAddressRange("203.0.113.0/24")!]),
  inspectToken: (text) => inspectToken(text, "lk"),
  isId: (text) => isId(text, "key"),
  isRoleName,
  isScopeToken,
  isToken68,
  parseAddressRange,
  parseDuration,
  parseRate,
  quote,
  readBearer,
  splitAuthorization,
  tokenHint,
};

describe("every parser", () => {
  for (const [name, parse] of Object.entries(parsers)) {
    it(`${name} answers whatever text it is given, without an exception [attack:HT-03]`, () => {
      fc.assert(fc.property(anyText, (text) => void parse(text)));
    });
  }
});

describe("readBearer", () => {
  it("reads both schemes, however they are spelt", () => {
    expect(readBearer("bearer a.b.c")).toEqual({ scheme: "Bearer", token: "a.b.c" });
    expect(readBearer("DPOP  a.b.c")).toEqual({ scheme: "DPoP", token: "a.b.c" });
  });

  it("reads no other scheme, no two credentials, and nothing where there is nothing", () => {
    for (const value of ["Basic a.b.c", "Bearerish a.b.c", "Bearer a.b.c, Bearer d.e.f", ["Bearer a", "Bearer b"], undefined])
      expect(readBearer(value)).toBeUndefined();
  });
});

describe("a token", () => {
  it("is sound as it was made, and damaged with any one character changed", () => {
    const token = newToken({ prefix: "lk", environment: "live" });
    expect(inspectToken(token, "lk")).toBe("sound");
    fc.assert(
      fc.property(fc.integer({ min: 8, max: token.length - 1 }), fc.constantFrom("0", "a", "Z"), (at, letter) => {
        fc.pre(token[at] !== letter);
        expect(inspectToken(token.slice(0, at) + letter + token.slice(at + 1), "lk")).toBe("damaged");
      }),
    );
  });

  it("is foreign with another prefix", () => {
    expect(inspectToken(newToken({ prefix: "other", environment: "live" }), "lk")).toBe("foreign");
  });
});

describe("an address bucket", () => {
  it("is one for the whole /64 of an IPv6 client, and another for the next /64 [attack:RL-03]", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff }), (last) => {
        expect(addressBucket(`2001:db8:0:1::${last.toString(16)}`)).toBe("2001:db8:0:1::/64");
      }),
    );
    expect(addressBucket("2001:db8:0:2::1")).not.toBe(addressBucket("2001:db8:0:1::1"));
  });

  it("is the IPv4 address for one in IPv6 clothes", () => {
    expect(addressBucket("::ffff:203.0.113.7")).toBe("203.0.113.7");
  });
});
