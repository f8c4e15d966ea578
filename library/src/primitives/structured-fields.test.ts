import { describe, expect, test } from "vitest";
import { readDictionary, writeMember } from "./structured-fields.ts";
import vectors from "./vectors/rfc-9651.json" with { type: "json" };

describe("RFC 9651", () => {
  test.each(vectors.taken as [string, string, Record<string, string>][])("section %s: %s", (_section, field, members) => {
    const read = readDictionary(field);
    // In order: which member is the first is part of what it says.
    expect([...read!].map(([name, member]) => [name, writeMember(member)])).toEqual(Object.entries(members));
  });

  test.each(vectors.refused as [string, string][])("section %s is refused", (_section, field) => {
    expect(readDictionary(field)).toBeUndefined();
  });

  test("kinds are told apart that are written alike elsewhere", () => {
    const kinds = [...readDictionary('a=1, b=1.0, c="x", d=x, e=:eA==:, f=?1, g=(1)')!.values()].map((member) =>
      member.kind === "list" ? "list" : member.item.kind,
    );
    expect(kinds).toEqual(["integer", "decimal", "string", "token", "bytes", "boolean", "list"]);
  });
});
