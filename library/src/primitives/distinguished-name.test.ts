import { assert, property, string } from "fast-check";
import { expect, test } from "vitest";
import { parseDistinguishedName, subjectParts } from "./distinguished-name.ts";

test("a name of RFC 4514 is read from its end, types without regard to case, escapes taken off", () => {
  expect(parseDistinguishedName("CN=billing,O=Acme")).toEqual(["O=Acme", "CN=billing"]);
  expect(parseDistinguishedName("cn=billing, 2.5.4.10=Acme")).toEqual(["O=Acme", "CN=billing"]);
  expect(parseDistinguishedName("CN=Before\\0dAfter,O=Lu\\C4\\8Di\\C4\\87")).toEqual(["O=Lučić", "CN=Before\rAfter"]);
  expect(parseDistinguishedName(String.raw`CN=James \"Jim\" Smith\, III,DC=example,DC=net`)).toEqual([
    "DC=net",
    "DC=example",
    'CN=James "Jim" Smith, III',
  ]);
  expect(parseDistinguishedName(String.raw`CN=a\\,O=b`)).toEqual(["O=b", String.raw`CN=a\ `.trimEnd()]);
});

test("a subject as Node shows it has the same parts", () => {
  expect(subjectParts("O=Acme\\, Inc.\nCN=billing")).toEqual(parseDistinguishedName(String.raw`CN=billing,O=Acme\, Inc.`));
});

test.each(["", "billing", "CN=", "CN=a,", "CN=a+O=b", 'CN="a"', "CN=a\\", "CN=a\\x", "=a", "CN=a;O=b", `CN=${"a".repeat(1_001)}`])(
  "%j is no name, or one that nobody is known by",
  (text) => expect(parseDistinguishedName(text)).toBeUndefined(),
);

test("any text is read or is no name, and an escaped value comes back as it was", () => {
  assert(property(string({ unit: "binary", maxLength: 200 }), (text) => void parseDistinguishedName(text)));
  assert(
    property(string({ unit: "grapheme", minLength: 1, maxLength: 40 }), (value) => {
      const hex = [...Buffer.from(value, "utf8")].map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
      expect(parseDistinguishedName(`CN=${hex},O=Acme`)).toEqual(["O=Acme", `CN=${value}`]);
    }),
  );
});
