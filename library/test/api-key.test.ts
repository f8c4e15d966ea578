import { expect, test } from "vitest";
import { createLatchkey } from "latchkey";
import { sqlite } from "latchkey/sqlite";
test("smoke", async () => {
  const auth = await createLatchkey({ issuer: "http://localhost:3000", store: sqlite(":memory:"), secret: "x".repeat(32) });
  const { key, record } = await auth.apiKeys.issue({ name: "ci", scopes: ["a:b"] });
  const view = (k: string) => ({
    method: "GET",
    target: "/whoami",
    requestId: "r1",
    peerAddress: "127.0.0.1",
    encrypted: false,
    header: (n: string) => (n === "x-api-key" ? k : undefined),
    body: async () => new Uint8Array(),
  });
  const d = await auth.check(view(key), auth.rule({ scopes: ["a:b"] }));
  expect(d.allowed).toBe(true);
  console.log(await auth.handle(view(key)));
  expect(auth.check(view(key), auth.rule())).not.toBeInstanceOf(Promise);
  await auth.apiKeys.revoke(record.id);
  const e = await auth.check(view(key), auth.rule());
  expect(e).toMatchObject({ allowed: false, refusal: { code: "api-key.revoked", publicCode: "api-key.invalid" } });
  await auth.close();
});
