import { array, assert, integer, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { testRequest } from "../../testing/index.ts";
import { addressMatcher, clientAddressThrough } from "./index.ts";

describe("the client's address", () => {
  const proxy = "10.0.0.1";
  const through = clientAddressThrough(["10.0.0.0/8", "2001:db8:1::/48"]);
  const from = (headers: Record<string, string | string[]>, peerAddress = proxy) => through(testRequest({ headers, peerAddress }));

  test("is the peer's where no proxy is trusted, whatever the headers say [attack:RL-01]", () => {
    const view = testRequest({ headers: { "x-forwarded-for": "192.0.2.1" }, peerAddress: "203.0.113.7" });
    expect(clientAddressThrough([])(view)).toBe("203.0.113.7");
    expect(from({ "x-forwarded-for": "192.0.2.1" }, "203.0.113.7")).toBe("203.0.113.7");
  });

  test.each([
    ["192.0.2.1", "192.0.2.1"],
    ["the right-most one: what the client wrote stands left of it", "198.51.100.1, 192.0.2.1"],
    ["behind several proxies of ours", "198.51.100.1, 192.0.2.1, 10.9.9.9, 10.0.0.2"],
    ["over IPv6 proxies", "192.0.2.1, 2001:db8:1::5"],
    ["without the port that some proxies add", "192.0.2.1:49152"],
    ["with an attempt to pass for a proxy of ours", "10.0.0.9, 192.0.2.1"],
    ["with empty and odd hops left of it", ", ,unknown, 192.0.2.1"],
  ])("is found behind ours: %s [attack:RL-01]", (_, header) => {
    expect(from({ "x-forwarded-for": header })).toBe("192.0.2.1");
    expect(from({ "x-forwarded-for": header.split(", ") })).toBe("192.0.2.1");
  });

  test("keeps IPv6, without the brackets and the port", () => {
    expect(from({ "x-forwarded-for": "2001:db8::7" })).toBe("2001:db8::7");
    expect(from({ "x-forwarded-for": "[2001:db8::7]:443" })).toBe("2001:db8::7");
  });

  test.each(["unknown", "_hidden", "dead", "203.0.113", "1.2.3.4/24", "192.0.2.1:99999999", "256.1.1.1", "", "10.0.0.7, unknown"])(
    "is the proxy's own where the last hop is no address: %j",
    (header) => expect(from({ "x-forwarded-for": header })).toBe(proxy),
  );

  test("is the proxy's own where all are ours", () => expect(from({ "x-forwarded-for": "10.0.0.3, 10.0.0.2" })).toBe(proxy));

  test.each(["cf-connecting-ip", "x-real-ip", "true-client-ip", "x-client-ip", "forwarded", "x-forwarded", "fastly-client-ip"])(
    "is never taken from %s [attack:RL-01]",
    (name) => {
      expect(from({ [name]: name === "forwarded" ? "for=192.0.2.1" : "192.0.2.1" })).toBe(proxy);
      expect(from({ [name]: "192.0.2.1", "x-forwarded-for": "192.0.2.2" })).toBe("192.0.2.2");
    },
  );

  test("is found in whatever is sent, in a chain of any length, without an exception", () => {
    assert(
      property(array(string(), { maxLength: 60 }), (hops) => {
        expect(from({ "x-forwarded-for": hops.join(",") })).toMatch(/^[0-9a-f:.]+$/i);
      }),
    );
    expect(from({ "x-forwarded-for": `192.0.2.1, ${"10.0.0.2, ".repeat(10_000)}10.0.0.3` })).toBe(proxy);
  });

  test("of a trusted list that cannot be read stops the start with the option's name", () => {
    expect(() => clientAddressThrough(["10.0.0.0/40"])).toThrow(/^trustProxy: /);
    expect(() => clientAddressThrough(["proxy.example"])).toThrow(/^trustProxy: /);
  });
});

describe("an allow-list", () => {
  const list = addressMatcher(["203.0.113.0/24", "192.0.2.9", "2001:db8::/32"], "allowedAddresses");

  test.each(["203.0.113.0", "203.0.113.255", "192.0.2.9", "2001:db8:ffff::1", "::ffff:203.0.113.9"])("has %s", (address) =>
    expect(list.matches(address)).toBe(true),
  );
  test.each(["203.0.112.255", "203.0.114.0", "192.0.2.10", "2001:db9::1", "", "unknown", "203.0.113", "203.0.113.9:80"])(
    "has not %j",
    (address) => expect(list.matches(address)).toBe(false),
  );

  test("does not answer for one address with what it remembers of another", () => {
    assert(
      property(array(integer({ min: 0, max: 3 }), { maxLength: 20 }), (turns) => {
        for (const turn of turns) {
          const address = ["203.0.113.9", "203.0.114.9", "", "2001:db8::1"][turn]!;
          expect(list.matches(address)).toBe(turn === 0 || turn === 3);
        }
      }),
    );
  });
});
