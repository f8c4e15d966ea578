import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { LatchkeyOptions, SourceUser } from "latchkey";
import { sqlite } from "latchkey/sqlite";
import { openAccounts } from "./accounts-house.ts";
import { type MailedHouse, nextPassword, openMailed, password } from "./mailed-house.ts";
import { patientPostgres } from "./patient-postgres.ts";
import { describeWithPostgres, postgresForEach } from "./services.ts";

const ada = "ada@example.com";
const countess = "countess@example.com";
const invalid = { status: 400, code: "account.code-invalid" };

describe("the address of an account, on SQLite", () => {
  emailTests(async () => ({ store: sqlite(":memory:") }));
});
describeWithPostgres("the address of an account, on PostgreSQL", () => {
  const empty = postgresForEach();
  emailTests(async () => ({ store: patientPostgres(await empty()) }));
});

function emailTests(storeOf: () => Promise<Partial<LatchkeyOptions>>): void {
  let house: MailedHouse;
  beforeEach(async () => {
    house = await openMailed(await storeOf());
    await house.post("/register", { email: ada, password });
  });
  afterEach(() => house.auth.close());
  const verify = (code: unknown, cookie: string) => house.post("/email/verify", { code }, { cookie });
  const user = async (email: string) => house.auth.users.findByEmail(email);

  test("is proved by the code that is mailed after registering, once", async () => {
    const code = await house.codeTo(ada);
    const cookie = await house.signIn(ada);
    expect(await user(ada)).toMatchObject({ emailVerified: false });
    expect(await verify(code, cookie)).toMatchObject({ status: 204 });
    expect(await user(ada)).toMatchObject({ emailVerified: true });
    expect(await verify(code, cookie)).toMatchObject(invalid);
    expect(await house.outcomesOf("email.verified")).toEqual(["done", "account.code-invalid"]);
    expect(await house.post("/email/verify/send", {}, { cookie })).toMatchObject({ status: 409, code: "account.email-verified" });
  });

  test("is not proved by its owner for a stranger who registered with it: only whoever is signed in takes the code [attack:OC-07]", async () => {
    const code = await house.codeTo(ada);
    expect(await house.post("/email/verify", { code })).toMatchObject({ status: 401 });
    await house.post("/register", { email: "eve@example.com", password });
    expect(await verify(code, await house.signIn("eve@example.com"))).toMatchObject(invalid);
    expect(await user(ada)).toMatchObject({ emailVerified: false });
  });

  test("does not change by a code that somebody else asked for: it counts in that account only", async () => {
    await house.post("/register", { email: "eve@example.com", password });
    await house.post("/email/change", { email: countess }, { cookie: await house.signIn("eve@example.com") });
    const cookie = await house.signIn(ada);
    expect(await verify(await house.codeTo(countess), cookie)).toMatchObject(invalid);
    expect(await user(ada)).toBeDefined();
    expect(await user(countess)).toBeUndefined();
  });

  test("can be mailed another code, which replaces the one before and lasts a day", async () => {
    const first = await house.codeTo(ada);
    const cookie = await house.signIn(ada);
    expect(await house.post("/email/verify/send", {}, { cookie })).toMatchObject({ status: 202 });
    const second = await house.codeTo(ada);
    expect(await verify(first, cookie)).toMatchObject(invalid);
    house.auth.clock.advance("23h");
    expect(await verify(second, await house.signIn(ada))).toMatchObject({ status: 204 });
  });

  test("is not proved by a code of the day before", async () => {
    const code = await house.codeTo(ada);
    house.auth.clock.advance("24h");
    expect(await verify(code, await house.signIn(ada))).toMatchObject(invalid);
  });

  test("of somebody who registers again is told so by mail only", async () => {
    await house.post("/register", { email: "ADA@example.com", password: nextPassword });
    // Mails are sent side by side: which of two arrives first, nobody promised.
    expect((await house.mailsTo(ada)).map(({ subject }) => subject).toSorted()).toEqual([
      "Confirm your e-mail address for localhost:3000",
      "You have an account at localhost:3000 already",
    ]);
  });

  test("changes once the new one is proved, and the old one is told", async () => {
    const cookie = await house.signIn(ada);
    expect(await house.post("/email/change", { email: "Countess@example.com" }, { cookie })).toMatchObject({ status: 202 });
    const code = await house.codeTo(countess);
    expect(await user(ada)).toBeDefined();
    expect(await verify(code, cookie)).toMatchObject({ status: 204 });
    expect(await user(ada)).toBeUndefined();
    expect(await user(countess)).toMatchObject({ email: "Countess@example.com", emailVerified: true });
    const notice = (await house.mailsTo(ada)).find(({ subject }) => subject.endsWith("was changed"));
    expect(notice).toMatchObject({ subject: "The e-mail address of your account at localhost:3000 was changed" });
    expect(notice!.text).toContain(countess);
    expect(await house.outcomesOf("email.changed")).toEqual(["done"]);
  });

  test("does not change to one that somebody has: nobody is told but who reads its mail", async () => {
    await house.auth.users.create({ email: countess, password });
    const cookie = await house.signIn(ada);
    const asked = await house.post("/email/change", { email: countess }, { cookie });
    expect(asked).toMatchObject({ status: 202, body: { email: countess } });
    expect(await house.codeTo(countess)).toBe("");
    expect((await house.mailsTo(countess)).map(({ subject }) => subject)).toEqual(["You have an account at localhost:3000 already"]);
  });

  test("does not change to one that somebody else took meanwhile: account.email-taken", async () => {
    const cookie = await house.signIn(ada);
    await house.post("/email/change", { email: countess }, { cookie });
    const code = await house.codeTo(countess);
    await house.auth.users.create({ email: countess });
    expect(await verify(code, cookie)).toMatchObject({ status: 409, code: "account.email-taken" });
    expect(await user(ada)).toMatchObject({ emailVerified: false });
  });

  test("does not change by a code that was mailed before the operator changed it", async () => {
    const code = await house.codeTo(ada);
    const cookie = await house.signIn(ada);
    await house.auth.users.update((await user(ada))!.id, { email: "new@example.com" });
    expect(await verify(code, cookie)).toMatchObject(invalid);
    expect(await user("new@example.com")).toMatchObject({ emailVerified: false });
  });

  test("voids what was mailed to the old one when it changes", async () => {
    const cookie = await house.signIn(ada);
    await house.post("/password/forgot", { email: ada });
    const reset = await house.codeTo(ada);
    await house.post("/email/change", { email: countess }, { cookie });
    await verify(await house.codeTo(countess), cookie);
    expect(await house.post("/password/reset", { code: reset, password: nextPassword })).toMatchObject(invalid);
  });

  test("changes only for somebody who signed in lately, and is no business of a key", async () => {
    const cookie = await house.signIn(ada);
    const { key } = await house.auth.apiKeys.issue({ name: "ci", owner: (await user(ada))!.id });
    expect(await house.post("/email/change", { email: countess }, { "x-api-key": key })).toMatchObject({ status: 401 });
    expect(
      await house.post("/email/change", { email: countess }, { cookie, origin: "https://evil.example", "sec-fetch-site": "cross-site" }),
    ).toMatchObject({
      status: 403,
    });
    house.auth.clock.advance("1h");
    expect(await house.post("/email/change", { email: countess }, { cookie })).toMatchObject({ status: 401 });
    expect(await house.mailsTo(countess)).toEqual([]);
  });

  test("is not guessed: wrong codes are limited for each account", async () => {
    const cookie = await house.signIn(ada);
    const statuses = [];
    for (let index = 0; index < 7; index += 1) statuses.push((await verify("AAAA-BBBB-CCCC", cookie)).status);
    expect(statuses).toEqual([400, 400, 400, 400, 400, 429, 429]);
    expect(await verify(await house.codeTo(ada), cookie)).toMatchObject({ status: 429 });
  });

  test("is proved by one of many at once", async () => {
    const code = await house.codeTo(ada);
    const cookie = await house.signIn(ada);
    const answers = await Promise.all(Array.from({ length: 4 }, () => verify(code, cookie)));
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(3);
  });

  test("goes with the user: its codes are forgotten", async () => {
    await house.codeTo(ada);
    await house.auth.users.delete((await user(ada))!.id);
    expect(await house.auth.store.database<Record<string, object>>().selectFrom("latchkey_mailed_code").selectAll().execute()).toEqual([]);
  });
}

describe("an app's own users", () => {
  const own = (more: Partial<LatchkeyOptions["users"]> = {}) => {
    const kept = new Map<string, SourceUser>([["7", { id: "7", email: ada }]]);
    return {
      kept,
      users: {
        findById: (id: string) => kept.get(id),
        findByEmail: (email: string) => [...kept.values()].find((one) => one.email === email),
        verifyPassword: () => true,
        ...more,
      },
    };
  };

  test("are told by setVerifiedEmail that an address is proved, and that it changes", async () => {
    const { kept, users } = own({
      setVerifiedEmail: (id: string, email: string) => void kept.set(id, { id, email, emailVerified: true }),
    });
    const house = await openMailed({ users });
    const cookie = await house.signIn(ada);
    await house.post("/email/verify/send", {}, { cookie });
    expect(await house.post("/email/verify", { code: await house.codeTo(ada) }, { cookie })).toMatchObject({ status: 204 });
    expect(kept.get("7")).toEqual({ id: "7", email: ada, emailVerified: true });
    await house.post("/email/change", { email: countess }, { cookie });
    expect(await house.post("/email/verify", { code: await house.codeTo(countess) }, { cookie })).toMatchObject({ status: 204 });
    expect(kept.get("7")).toEqual({ id: "7", email: countess, emailVerified: true });
    await house.auth.close();
  });

  test("keep their address when the app says no, with account.email-taken", async () => {
    const { users } = own({ setVerifiedEmail: () => false });
    const house = await openMailed({ users });
    const cookie = await house.signIn(ada);
    await house.post("/email/change", { email: countess }, { cookie });
    expect(await house.post("/email/verify", { code: await house.codeTo(countess) }, { cookie })).toMatchObject({
      status: 409,
      code: "account.email-taken",
    });
    await house.auth.close();
  });

  test("without setVerifiedEmail nothing is mailed: account.email-elsewhere", async () => {
    const { users } = own();
    const house = await openMailed({ users });
    const cookie = await house.signIn(ada);
    for (const path of ["/email/verify/send", "/email/verify", "/email/change"])
      expect(await house.post(path, { email: countess }, { cookie })).toMatchObject({ status: 403, code: "account.email-elsewhere" });
    expect(house.mails).toEqual([]);
    await house.auth.close();
  });

  test("are refused when setVerifiedEmail is no function", async () => {
    await expect(openAccounts({ users: { ...own().users, setVerifiedEmail: 1 } as never })).rejects.toMatchObject({
      option: "users.setVerifiedEmail",
    });
  });
});
