import { expect, test } from "vitest";
import type { Attempt } from "../../contracts/index.ts";
import { Secret } from "../../primitives/index.ts";
import { verifyBasic } from "./verify.ts";

const credential = {
  method: "basic",
  secret: new Secret(Buffer.from("ada@example.com:pass:word").toString("base64")),
  scheme: "Basic",
  hint: "",
};
const view = { requestId: "req_1", header: () => undefined };
const attempt = { view, at: 1_000, address: "127.0.0.1", credential } as unknown as Attempt;

const clientOf = () => {
  throw new Error("No client here.");
};

test.each(["disabled", "unknown"] as const)("refuses a user who became %s while the password was being looked at", async (state) => {
  const signIn = () => Promise.resolve({ userId: "usr_1", email: "ada@example.com" });
  const answer = await verifyBasic(credential, attempt, { signIn, stateOf: () => ({ state }), clientOf, cacheMs: 60_000 });
  expect(answer).toMatchObject({ code: "basic.user-gone", publicCode: "password.invalid", status: 401 });
});

test("is not remembered when that is turned off", async () => {
  const signIn = () => Promise.resolve({ userId: "usr_1", email: "ada@example.com" });
  const answer = await verifyBasic(credential, attempt, { signIn, stateOf: () => ({ state: "active", roles: [] }), clientOf, cacheMs: 0 });
  expect(answer).toMatchObject({ cacheUntil: 0, principal: { subject: "usr_1" } });
});
