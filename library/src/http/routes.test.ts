import { expect, test } from "vitest";
import type { Endpoint } from "../contracts/index.ts";
import { compileRoutes } from "./routes.ts";

const match = compileRoutes([
  { method: "GET", path: "/keys/:id", rule: undefined, handle: () => ({ status: 200, headers: {}, body: "" }) } satisfies Endpoint,
]);

test("a segment is the text that it encodes", () => {
  expect(match("GET", "/keys/a%20b%C3%A9")).toMatchObject({ found: "endpoint", parameters: { id: "a bé" } });
});

test("what no id can be has no route: control characters, which a database may not even be asked for, and what is no UTF-8", () => {
  for (const segment of ["%00", "a%00b", "%0d%0aX:1", "%7f", "%C2%80", "%ED%A0%80", "%C0%80", "%", ""])
    expect([segment, match("GET", `/keys/${segment}`)]).toEqual([segment, { found: "nothing" }]);
});
