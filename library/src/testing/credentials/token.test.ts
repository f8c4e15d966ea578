import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestLatchkey, testLatchkey } from "../gate.ts";
import { testRequest } from "../request.ts";
import { mintToken, type TokenState } from "./token.ts";
import { mintUser } from "./user.ts";

let auth: TestLatchkey;
beforeAll(async () => (auth = await testLatchkey()));
afterAll(() => auth.close());

const states: readonly TokenState[] = [
  "valid",
  "expired",
  "not-yet-valid",
  "wrong-audience",
  "wrong-type",
  "foreign",
  "damaged",
  "revoked",
  "owner-disabled",
  "owner-gone",
];

test.each(states)("a token that is %s is met by the guard as it says", async (state) => {
  const { headers, outcome } = await mintToken(auth, { state, scopes: ["posts:read"] });
  const decision = await auth.check(testRequest({ headers }), auth.rule());
  expect(decision.allowed ? "allowed" : decision.refusal.code).toBe(outcome);
});

test("is of whom it shall be, with what it shall say", async () => {
  const { id: subject } = await mintUser(auth);
  const { headers } = await mintToken(auth, { subject, scopes: ["posts:read"], claims: { tenant: "acme" } });
  expect(await auth.check(testRequest({ headers }), auth.rule({ scopes: ["posts:read"] }))).toMatchObject({
    principal: { subject, claims: { tenant: "acme" } },
  });
});
