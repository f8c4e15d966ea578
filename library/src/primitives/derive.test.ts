import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { deriveKey, deriveKeys, expandToken } from "./derive.ts";

const first = "first master secret, 32 bytes or more of it";
const second = "second master secret, 32 bytes or more of it";

describe("deriveKey", () => {
  it("is HKDF-SHA-256 of RFC 5869 with an empty salt and the purpose as info", () => {
    const extracted = createHmac("sha256", Buffer.alloc(32)).update(first).digest();
    const expanded = createHmac("sha256", extracted).update("latchkey audit-chain").update(Buffer.of(1)).digest();
    expect(deriveKey(first, "audit-chain").equals(expanded)).toBe(true);
  });

  it("gives another key for another purpose", () => {
    expect(deriveKey(first, "audit-chain").equals(deriveKey(first, "known-device"))).toBe(false);
  });

  it("gives another key for another secret", () => {
    expect(deriveKey(first, "audit-chain").equals(deriveKey(second, "audit-chain"))).toBe(false);
  });
});

describe("expandToken", () => {
  const token = "lkr_live_0123456789012345678901234567890123456789012aaaaaa";

  it("is HKDF-Expand of RFC 5869 with SHA-512 and the purpose as info, each octet given once", () => {
    const block = (previous: Buffer, count: number) =>
      createHmac("sha512", token).update(previous).update("latchkey refresh-successor").update(Buffer.of(count)).digest();
    const one = block(Buffer.alloc(0), 1);
    const octets = Buffer.concat([one, block(one, 2)]);
    const draw = expandToken(token, "refresh-successor");
    expect(Buffer.concat([draw(59), draw(59), draw(10)]).equals(octets)).toBe(true);
  });

  it("gives others for another purpose and for another token", () => {
    const octets = Buffer.from(expandToken(token, "refresh-successor")(64));
    expect(octets.equals(expandToken(token, "something else")(64))).toBe(false);
    expect(octets.equals(expandToken(`${token}b`, "refresh-successor")(64))).toBe(false);
  });
});

describe("deriveKeys", () => {
  it("keeps the order of the secrets, newest first", () => {
    const keys = deriveKeys([second, first], "audit-chain");
    expect(keys.map(({ key }) => key.toString("hex"))).toEqual(
      [second, first].map((secret) => deriveKey(secret, "audit-chain").toString("hex")),
    );
  });

  it("names a key the same after a rotation", () => {
    expect(deriveKeys([second, first], "audit-chain")[1]!.id).toBe(deriveKeys([first], "audit-chain")[0].id);
  });

  it("gives names that differ between secrets and between purposes, and hold nothing of the key", () => {
    const [one, two] = deriveKeys([first, second], "audit-chain");
    expect(new Set([one.id, two!.id, deriveKeys([first], "known-device")[0].id]).size).toBe(3);
    expect(one.key.toString("hex")).not.toContain(one.id);
  });

  it("refuses to make nothing out of no secret", () => {
    expect(() => deriveKeys([], "audit-chain")).toThrow(RangeError);
  });
});
