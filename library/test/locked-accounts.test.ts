import { afterEach, beforeEach, expect, test } from "vitest";
import { createLatchkey, type Latchkey } from "latchkey";
import { sqlite } from "latchkey/sqlite";
import { browser, json } from "./browser.ts";
import { kindsApart } from "./ranks.ts";

// An account that was guessed at too often. Locked is the address that was named, whether or not anybody has it.

const kinds = ["known", "unknown", "disabled", "unverified", "social"] as const;
const password = "four quiet grey horses";

let auth: Latchkey;
beforeEach(async () => {
  auth = await createLatchkey({
    issuer: "http://localhost:3000",
    store: sqlite(":memory:"),
    secret: "a test secret of at least 32 bytes",
    clock: { now: () => Date.parse("2026-11-24T00:00:00Z") },
    // A hash that would be most of an attempt.
    passwords: { memoryKiB: 4_096, passes: 1, weakForTests: true },
    limits: { signInAccount: "1/1h", signInAddress: "off", signInBoth: "off", signInGlobal: "off" },
  });
  const { users } = auth;
  await users.create({ email: "known@example.com", password, emailVerified: true });
  const { id } = await users.create({ email: "disabled@example.com", password, emailVerified: true });
  await users.disable(id);
  await users.create({ email: "unverified@example.com", password });
  await users.create({ email: "social@example.com", emailVerified: true });
  for (const kind of kinds) await attempt(kind, "not the right one");
});
afterEach(() => auth.close());

const attempt = (kind: string, guess = password) =>
  browser(auth).ask("POST", "/login", { body: { email: `${kind}@example.com`, password: guess }, address: "203.0.113.7" });

/** Without what names the request. */
function told(answer: Awaited<ReturnType<typeof attempt>>) {
  const { requestId: _, instance: __, ...body } = json(answer);
  const { "x-request-id": ___, ...headers } = answer.headers;
  return { status: answer.status, headers, body };
}

test("that is locked is answered alike whoever it is, the right password included, and hashes nothing [attack:PW-04] [asvs:V6.3.8]", async () => {
  const { begun } = auth.metrics().hashQueue;
  const [first, ...others] = await Promise.all(kinds.map(async (kind) => told(await attempt(kind))));
  expect(first).toMatchObject({ status: 429, body: { code: "rate-limit.sign-in" } });
  for (const other of others) expect(other).toEqual(first);
  expect(auth.metrics().hashQueue.begun).toBe(begun);
});

test("that is locked is answered in the same time whoever it is [attack:PW-04]", async () => {
  // Seven deviations.
  expect(await kindsApart(kinds, 60, (kind) => attempt(kind))).toEqual([]);
});
