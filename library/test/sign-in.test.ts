import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isRefusal, type SignInAttempt, type SignInClaim } from "../src/contracts/index.ts";
import { type AccountsHouse, openAccounts } from "./accounts-house.ts";

let house: AccountsHouse;
beforeEach(async () => {
  house = await openAccounts();
});
afterEach(() => house.close());

const password = "four quiet grey horses";
const claim = (over: Partial<SignInClaim> = {}): SignInClaim => ({
  email: "ada@example.com",
  password,
  device: undefined,
  origin: { requestId: "req_1", address: "203.0.113.7", userAgent: "test" },
  ...over,
});
const codeOf = async (over: Partial<SignInClaim> = {}) => {
  const answer = await house.accounts.signIn(claim(over));
  return isRefusal(answer) ? answer.code : answer.userId;
};

describe("signing in by password", () => {
  test("lets in who knows the password, by any spelling of the address", async () => {
    const { id } = await house.accounts.users.create({ email: "Ada@Example.com", password });
    expect(await codeOf({ email: "ADA@example.COM" })).toBe(id);
  });

  test("says the same to the client for a wrong password, an unknown and a disabled user, and for one without a password [asvs:V6.3.8]", async () => {
    const { users } = house.accounts;
    const ada = await users.create({ email: "ada@example.com", password });
    await users.create({ email: "social@example.com" });
    const answers = [
      await house.accounts.signIn(claim({ password: "not the right one" })),
      await house.accounts.signIn(claim({ email: "nobody@example.com" })),
      await house.accounts.signIn(claim({ email: "social@example.com" })),
    ];
    await users.disable(ada.id);
    answers.push(await house.accounts.signIn(claim()));
    expect(answers.map((answer) => isRefusal(answer) && answer.code)).toEqual([
      "password.wrong",
      "password.unknown-user",
      "password.none",
      "password.user-disabled",
    ]);
    for (const answer of answers) expect(answer).toMatchObject({ publicCode: "password.invalid", status: 401, hint: undefined });
  });

  test("refuses passwords and addresses that are no texts, and counts each as one attempt [attack:PW-06] [asvs:V15.3.5]", async () => {
    await house.accounts.users.create({ email: "ada@example.com", password });
    const junk: unknown[] = [["123456", password], { $ne: null }, true, 0, null, undefined, "", "x".repeat(1_025)];
    for (const bad of junk) expect(await codeOf({ password: bad })).toBe("password.malformed");
    for (const bad of [["ada@example.com", "b"], { $ne: null }, 1]) expect(await codeOf({ email: bad })).toBe("password.malformed");
    expect(house.admitted).toHaveLength(junk.length + 3);
    expect(house.passed).toHaveLength(0);
  });

  test("asks the limits before it looks at the password, and tells them when it was right", async () => {
    await house.accounts.users.create({ email: "ada@example.com", password });
    const before = house.hashes();
    house.refuseNext();
    expect(await codeOf()).toBe("test.limited");
    expect(house.hashes()).toBe(before);
    await codeOf({ email: "ADA@example.com" });
    const attempt: SignInAttempt = { account: "ada@example.com", address: "203.0.113.7", device: undefined };
    expect(house.passed).toEqual([attempt]);
  });

  test("notes each refusal with its subject and origin, and no secret", async () => {
    const { id } = await house.accounts.users.create({ email: "ada@example.com", password });
    await codeOf({ password: "a wrong password" });
    await codeOf({ email: "a wrong password@here" });
    expect(house.notes).toMatchObject([
      { action: "sign-in.refused", outcome: "password.wrong", subject: id, actor: undefined, origin: { address: "203.0.113.7" } },
      { action: "sign-in.refused", outcome: "password.unknown-user", subject: undefined },
    ]);
    expect(JSON.stringify(house.notes)).not.toContain("wrong password");
  });
});
