import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { LatchkeyOptions } from "latchkey";
import { testLatchkey, type TestLatchkey, testPrincipal, testRequest } from "latchkey/testing";
import { openAccounts, weakPasswords } from "./accounts-house.ts";

let auth: TestLatchkey;
const open = (options: Partial<LatchkeyOptions> = {}) => testLatchkey({ passwords: weakPasswords, ...options } as never);
beforeEach(async () => {
  auth = await open();
});
afterEach(() => auth.close());

const password = "four quiet grey horses";
async function post(target: string, body: unknown, headers: Readonly<Record<string, string>> = {}, gate = auth) {
  const bytes = typeof body === "string" ? body : JSON.stringify(body);
  const answer = await gate.handle(
    testRequest({ method: "POST", target, body: bytes, headers: { "content-type": "application/json", ...headers } }),
  );
  const { requestId: _, ...problem } = answer?.body === undefined ? {} : (JSON.parse(String(answer.body)) as Record<string, unknown>);
  return { status: answer?.status, body: problem as Record<string, unknown>, headers: answer?.headers ?? {} };
}
const cookieOf = (answer: { readonly headers: Readonly<Record<string, string | readonly string[]>> }) => {
  const lines = answer.headers["set-cookie"] ?? [];
  return (typeof lines === "string" ? lines : lines[0])!.split(";")[0]!;
};
const sameSite = { origin: "http://localhost:3000", "sec-fetch-site": "same-origin" };

describe("a password of a megabyte", () => {
  test("is not even read, two hundred at once: 413 at every door; below that it is refused before it is hashed [attack:PW-02]", async () => {
    await post("/register", { email: "ada@example.com", password });
    const giant = "x".repeat(1 << 20);
    const asked = Array.from({ length: 200 }, (_, turn) =>
      post(["/login", "/register", "/tokens"][turn % 3]!, { email: "ada@example.com", password: giant }),
    );
    expect(new Set((await Promise.all(asked)).map(({ status }) => status))).toEqual(new Set([413]));
    const long = await post("/login", { email: "ada@example.com", password: "x".repeat(60_000) });
    expect(long).toMatchObject({ status: 400, body: { code: "password.malformed" } });
    expect(await post("/login", { email: "ada@example.com", password })).toMatchObject({ status: 200 });
  });
});

describe("POST /register", () => {
  test("makes a user who can sign in", async () => {
    expect(await post("/register", { email: "Ada@example.com", password })).toMatchObject({
      status: 201,
      body: { email: "Ada@example.com" },
    });
    expect(await post("/login", { email: "ada@example.com", password })).toMatchObject({ status: 200 });
  });

  test("answers a taken address like a free one, does the same work, and leaves the user alone [asvs:V6.3.8]", async () => {
    const free = await post("/register", { email: "ada@example.com", password });
    const taken = await post("/register", { email: "ada@example.com", password: "five loud green cows" });
    expect({ ...taken, headers: {} }).toEqual({ ...free, headers: {} });
    expect(Object.keys(taken.headers)).toEqual(Object.keys(free.headers));
    expect(await post("/login", { email: "ada@example.com", password })).toMatchObject({ status: 200 });
    expect(await post("/login", { email: "ada@example.com", password: "five loud green cows" })).toMatchObject({ status: 401 });
    await auth.flush();
    const outcomes = (await auth.audit.list()).filter(({ action }) => action === "user.created").map(({ outcome }) => outcome);
    expect(outcomes.toSorted()).toEqual(["address-taken", "done"]);
  });

  test("makes one user of many at once, however the address is spelt [attack:PW-07]", async () => {
    const spellings = ["ada@bücher.de", "ADA@BÜCHER.DE", "ada@xn--bcher-kva.de", "ａｄａ＠bücher.de", "Ada@Bücher.De"];
    const answers = await Promise.all(spellings.map((email) => post("/register", { email, password })));
    expect(answers.map(({ status }) => status)).toEqual(spellings.map(() => 201));
    expect(await auth.users.list()).toHaveLength(1);
  });

  test.each([
    "a@x ",
    " a@x",
    "a@x\n",
    '"e@attacker"@victim.com',
    "a@b@c",
    "a b@example.com",
    "a@127.0.0.1",
    "a@0x7f.1",
    "a@-x.com",
    "@x",
    "a@",
  ])("refuses what is no plain address: %j [attack:PW-07]", async (email) => {
    expect(await post("/register", { email, password })).toMatchObject({ status: 400, body: { code: "account.email-invalid" } });
    expect(await auth.users.list()).toHaveLength(0);
  });

  test("keeps a dotless i apart from an i [attack:PW-07]", async () => {
    await post("/register", { email: "adi@example.com", password });
    await post("/register", { email: "ad\u0131@example.com", password });
    expect(await auth.users.list()).toHaveLength(2);
  });

  test("refuses a bad password before it looks at the address, and texts that are none [attack:PW-06]", async () => {
    await post("/register", { email: "ada@example.com", password });
    for (const email of ["ada@example.com", "bob@example.com"]) {
      expect(await post("/register", { email, password: "iloveyou1" })).toMatchObject({ status: 400, body: { code: "password.common" } });
    }
    for (const junk of [[password], { $ne: null }, 1, true, null]) {
      expect(await post("/register", { email: "eve@example.com", password: junk })).toMatchObject({ status: 400 });
      expect(await post("/register", { email: junk, password })).toMatchObject({ status: 400 });
    }
    expect(await auth.users.list()).toHaveLength(1);
  });

  test("takes nothing but address and password: no role, no flag, no id [asvs:V15.3.3]", async () => {
    const more = { roles: ["admin"], emailVerified: true, id: "usr_x", metadata: { plan: "pro" } };
    await post("/register", { email: "ada@example.com", password, ...more });
    const [ada] = await auth.users.list();
    expect(ada).toMatchObject({ emailVerified: false, metadata: {} });
    expect(await auth.roles.of(ada!.id)).toEqual([]);
  });

  test("is refused from a page elsewhere, and where nobody may register", async () => {
    expect(await post("/register", { email: "ada@example.com", password }, { "sec-fetch-site": "cross-site" })).toMatchObject({
      status: 403,
    });
    const closed = await open({ signUp: false });
    expect(await post("/register", { email: "ada@example.com", password }, {}, closed)).toMatchObject({
      status: 403,
      body: { code: "account.sign-up-off" },
    });
    await closed.close();
  });
});

describe("POST /password/change", () => {
  const next = "five loud green cows";
  const change = (cookie: string, body: unknown) => post("/password/change", body, { cookie, ...sameSite });
  let cookie: string;
  beforeEach(async () => {
    await auth.users.create({ email: "ada@example.com", password });
    cookie = cookieOf(await post("/login", { email: "ada@example.com", password }));
  });
  const isIn = async (held: string) => (await auth.check(testRequest({ headers: { cookie: held } }), auth.rule())).allowed;

  test("asks for the current password, sets the new one, and ends every other session [asvs:V6.2.2] [asvs:V6.2.3]", async () => {
    const other = cookieOf(await post("/login", { email: "ada@example.com", password }));
    expect(await isIn(other)).toBe(true);
    const done = await change(cookie, { currentPassword: password, newPassword: next });
    expect(done.status).toBe(204);
    expect(await isIn(other)).toBe(false);
    expect(await isIn(cookie)).toBe(false);
    expect(await isIn(cookieOf(done))).toBe(true);
    expect(await post("/login", { email: "ada@example.com", password })).toMatchObject({ status: 401 });
    expect(await post("/login", { email: "ada@example.com", password: next })).toMatchObject({ status: 200 });
  });

  test("refuses a wrong current password, counts it like a sign-in and notes it", async () => {
    for (const current of ["wrong one of these", undefined, [password], ""]) {
      expect(await change(cookie, { currentPassword: current, newPassword: next })).toMatchObject({
        status: 401,
        body: { code: "password.invalid" },
      });
    }
    await change(cookie, { currentPassword: "wrong", newPassword: next });
    expect(await change(cookie, { currentPassword: password, newPassword: next })).toMatchObject({ status: 429 });
    await auth.flush();
    expect((await auth.audit.list()).filter(({ action }) => action === "sign-in.refused").length).toBeGreaterThanOrEqual(5);
  });

  test("refuses a new password that may not be chosen, and keeps the old one", async () => {
    expect(await change(cookie, { currentPassword: password, newPassword: "ada@example.com" })).toMatchObject({
      status: 400,
      body: { code: "password.context" },
    });
    expect(await post("/login", { email: "ada@example.com", password })).toMatchObject({ status: 200 });
  });

  test("is for people: a key cannot, nobody cannot, a page elsewhere cannot", async () => {
    const [ada] = await auth.users.list();
    const { key } = await auth.apiKeys.issue({ name: "ci", owner: ada!.id });
    const body = { currentPassword: password, newPassword: next };
    expect(await post("/password/change", body, { "x-api-key": key })).toMatchObject({ status: 401 });
    expect(await post("/password/change", body)).toMatchObject({ status: 401 });
    expect(await post("/password/change", body, { cookie, "sec-fetch-site": "cross-site" })).toMatchObject({ status: 403 });
  });

  test("is refused with account.not-a-user when the user is deleted meanwhile", async () => {
    const house = await openAccounts();
    const { id } = await house.accounts.users.create({ email: "bob@example.com", password });
    await house.accounts.users.delete(id);
    const by = { actor: id, method: "session", origin: undefined };
    for (const kind of ["user", "service"] as const) {
      const principal = testPrincipal({ subject: id, kind });
      const refusal = await house.accounts.changePassword({ principal, current: password, next, by });
      expect(refusal).toMatchObject({ code: "account.not-a-user", status: 403 });
    }
    await house.close();
  });

  test("works over Basic too, and the old password is not remembered", async () => {
    const header = (text: string) => ({ authorization: `Basic ${Buffer.from(`ada@example.com:${text}`).toString("base64")}` });
    const whoami = async (text: string) => (await auth.check(testRequest({ headers: header(text) }), auth.rule())).allowed;
    expect(await whoami(password)).toBe(true);
    expect(await post("/password/change", { currentPassword: password, newPassword: next }, header(password))).toMatchObject({
      status: 204,
    });
    expect(await whoami(password)).toBe(false);
    expect(await whoami(next)).toBe(true);
    expect(await isIn(cookie)).toBe(false);
  });

  test("is refused where the app keeps the passwords itself", async () => {
    const user = { id: "7", email: "ada@example.com" };
    const theirs = await open({ users: { findById: () => user, findByEmail: () => user, verifyPassword: () => true } });
    const header = { authorization: `Basic ${Buffer.from("ada@example.com:whatever").toString("base64")}` };
    expect(await post("/password/change", { currentPassword: "a", newPassword: next }, header, theirs)).toMatchObject({
      status: 403,
      body: { code: "account.password-elsewhere" },
    });
    await theirs.close();
  });
});
