import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { LatchkeyOptions } from "latchkey";
import { sqlite } from "latchkey/sqlite";
import { testRequest } from "latchkey/testing";
import { mailServer } from "./mail-server.ts";
import { smtp } from "latchkey/smtp";
import { codeIn } from "./mail-server.ts";
import { type MailedHouse, nextPassword, openMailed, password } from "./mailed-house.ts";
import { patientPostgres } from "./patient-postgres.ts";
import { describeWithPostgres, postgresForEach } from "./services.ts";

const ada = "ada@example.com";
const minutes = 60_000;

describe("a forgotten password, on SQLite", () => {
  resetTests(async () => ({ store: sqlite(":memory:") }));
});
describeWithPostgres("a forgotten password, on PostgreSQL", () => {
  const empty = postgresForEach();
  resetTests(async () => ({ store: patientPostgres(await empty()) }));
});

function resetTests(storeOf: () => Promise<Partial<LatchkeyOptions>>): void {
  let house: MailedHouse;
  let userId: string;
  beforeEach(async () => {
    house = await openMailed(await storeOf());
    ({ id: userId } = await house.auth.users.create({ email: ada, password, emailVerified: true }));
  });
  afterEach(() => house.auth.close());
  const forgot = (email: unknown = ada, headers = {}) => house.post("/password/forgot", { email }, headers);
  const reset = (code: unknown, chosen: unknown = nextPassword) => house.post("/password/reset", { code, password: chosen });
  const invalid = { status: 400, code: "account.code-invalid" };

  test("is replaced by the code of a mail, once, and everything begun before ends [asvs:V6.4.3] [attack:PW-08]", async () => {
    const here = await house.signIn(ada);
    const pair = await house.post("/tokens", { email: ada, password });
    const basic = { authorization: `Basic ${Buffer.from(`${ada}:${password}`).toString("base64")}` };
    house.auth.clock.advance("1s");
    expect(await forgot()).toMatchObject({ status: 202, body: { email: ada } });
    const code = await house.codeTo(ada);
    house.auth.clock.advance("29m");
    expect(await reset(code)).toMatchObject({ status: 204 });
    expect(await house.isIn(here)).toBe(false);
    expect((await house.auth.check(testRequest({ headers: basic }), house.auth.rule())).allowed).toBe(false);
    expect(await house.post("/tokens/refresh", { refresh_token: pair.body.refresh_token })).toMatchObject({ status: 401 });
    expect(await house.post("/login", { email: ada, password })).toMatchObject({ status: 401 });
    expect(await house.post("/login", { email: ada, password: nextPassword })).toMatchObject({ status: 200 });
    expect(await reset(code, "six slow purple tractors")).toMatchObject(invalid);
    expect((await house.mailsTo(ada)).map(({ subject }) => subject)).toEqual([
      "Choose a new password for localhost:3000",
      "Your password for localhost:3000 was changed",
    ]);
  });

  test("does not sign anybody in by the code [asvs:V6.4.3]", async () => {
    await forgot();
    expect((await reset(await house.codeTo(ada))).cookie).toBeUndefined();
  });

  test("is replaced by one of many who use the code at once [attack:PW-08]", async () => {
    await forgot();
    const code = await house.codeTo(ada);
    const answers = await Promise.all(Array.from({ length: 5 }, () => reset(code)));
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(4);
    expect(await house.outcomesOf("password.changed")).toContain("done");
  });

  test("is not replaced by an old code, an older one, one of another address, or after a sign-in [attack:PW-08]", async () => {
    await forgot();
    const older = await house.codeTo(ada);
    await forgot();
    const newer = await house.codeTo(ada);
    expect(newer).not.toBe(older);
    expect(await reset(older)).toMatchObject(invalid);
    house.auth.clock.advance(30 * minutes);
    expect(await reset(newer)).toMatchObject(invalid);

    await forgot();
    await house.auth.users.update(userId, { email: "countess@example.com" });
    expect(await reset(await house.codeTo(ada))).toMatchObject(invalid);
    await house.auth.users.update(userId, { email: ada });

    house.auth.clock.advance(60 * minutes);
    await forgot();
    const forgotten = await house.codeTo(ada);
    house.auth.clock.advance("1s");
    await house.signIn(ada);
    expect(await reset(forgotten)).toMatchObject(invalid);
    expect(await house.post("/login", { email: ada, password })).toMatchObject({ status: 200 });
  });

  test("is only ever that of the one who was sent the code: a user in the body counts for nothing [attack:PW-08]", async () => {
    await house.auth.users.create({ email: "bob@example.com", password, emailVerified: true });
    await forgot("bob@example.com");
    const code = await house.codeTo("bob@example.com");
    const body = { code, password: nextPassword, userId, user: userId, email: ada };
    expect(await house.post("/password/reset", body)).toMatchObject({ status: 204 });
    expect(await house.post("/login", { email: ada, password })).toMatchObject({ status: 200 });
    expect(await house.post("/login", { email: "bob@example.com", password: nextPassword })).toMatchObject({ status: 200 });
  });

  test("is not replaced for somebody who is disabled or deleted meanwhile", async () => {
    await forgot();
    const code = await house.codeTo(ada);
    await house.auth.users.disable(userId);
    expect(await reset(code)).toMatchObject(invalid);
    await house.auth.users.delete(userId);
    expect(await reset(code)).toMatchObject(invalid);
    await forgot();
    expect(await house.outcomesOf("mail-code.created")).toEqual(["done", "unknown-address"]);
  });

  test("keeps the code when the new password may not be chosen", async () => {
    await forgot();
    const code = await house.codeTo(ada);
    expect(await reset(code, "password1")).toMatchObject({ status: 400, code: "password.common" });
    expect(await reset(code, ada)).toMatchObject({ status: 400, code: "password.context" });
    expect(await reset(code)).toMatchObject({ status: 204 });
  });

  test("takes the code however it is typed", async () => {
    await forgot();
    const code = await house.codeTo(ada);
    const typed = ` ${code.toLowerCase().replaceAll("-", " ").replaceAll("0", "o").replaceAll("1", "l")} `;
    expect(await reset(typed)).toMatchObject({ status: 204 });
  });

  test("of an address that nobody had proved: whoever had made the account loses all that they made in it [attack:OC-07]", async () => {
    const victim = "victim@example.com";
    const { id } = await house.auth.users.create({ email: victim, password });
    const squatter = await house.signIn(victim);
    const { key } = await house.auth.apiKeys.issue({ name: "trap", owner: id });
    house.auth.clock.advance("1s");
    await forgot(victim);
    expect(await reset(await house.codeTo(victim))).toMatchObject({ status: 204 });
    expect(await house.isIn(squatter)).toBe(false);
    expect((await house.auth.check(testRequest({ headers: { "x-api-key": key } }), house.auth.rule())).allowed).toBe(false);
    expect(await house.auth.users.find(id)).toMatchObject({ emailVerified: true });
  });

  test("leaves the keys of a proved address alone", async () => {
    const { key } = await house.auth.apiKeys.issue({ name: "ci", owner: userId });
    await forgot();
    await reset(await house.codeTo(ada));
    expect((await house.auth.check(testRequest({ headers: { "x-api-key": key } }), house.auth.rule())).allowed).toBe(true);
  });

  test("stands in the store as a digest only, and in the audit log not at all", async () => {
    await forgot();
    const code = await house.codeTo(ada);
    const rows = await house.auth.store.database<Record<string, object>>().selectFrom("latchkey_mailed_code").selectAll().execute();
    const events = await house.auth.audit.list();
    expect(rows).toHaveLength(1);
    for (const form of [code, code.replaceAll("-", "")]) expect(JSON.stringify([rows, events])).not.toContain(form);
  });

  test("is of no use to a gate with another secret", async () => {
    await forgot();
    const code = await house.codeTo(ada);
    const other = await openMailed({ store: house.auth.store, clock: house.auth.clock });
    expect(await other.post("/password/reset", { code, password: nextPassword })).toMatchObject(invalid);
    expect(await reset(code)).toMatchObject({ status: 204 });
  });
}

describe("asking for a new password", () => {
  let house: MailedHouse;
  beforeEach(async () => {
    house = await openMailed();
    await house.auth.users.create({ email: ada, password, emailVerified: true });
  });
  afterEach(() => house.auth.close());

  test("is answered alike for everybody, before anything is looked up [asvs:V6.3.8]", async () => {
    await house.auth.users.create({ email: "off@example.com", password });
    await house.auth.users.disable((await house.auth.users.findByEmail("off@example.com"))!.id);
    for (const email of [ada, "nobody@example.com", "off@example.com"]) {
      const before = house.mails.length;
      expect(await house.post("/password/forgot", { email })).toEqual({ status: 202, code: undefined, body: { email }, cookie: undefined });
      // What tells the addresses apart has not even begun when the answer is there.
      expect(house.mails.length).toBe(before);
    }
    expect(await house.mailsTo("nobody@example.com")).toEqual([]);
    expect(await house.mailsTo("off@example.com")).toEqual([]);
    expect(await house.mailsTo(ada)).toHaveLength(1);
  });

  test("waits for no mail server", async () => {
    let delivered: (() => void) | undefined;
    const slow = await openMailed({ mail: { send: () => new Promise<void>((resolve) => (delivered = resolve)) } });
    await slow.auth.users.create({ email: ada, password });
    // The transport does not answer before the answer is there; were it waited for, this would hang.
    expect(await slow.post("/password/forgot", { email: ada })).toMatchObject({ status: 202 });
    const flushed = slow.auth.flush();
    await expect.poll(() => delivered).toBeDefined();
    delivered!();
    await flushed;
    await slow.auth.close();
  });

  test("is limited by mailbox and by client, and keeps nobody from signing in", async () => {
    const statuses = [];
    for (let index = 0; index < 7; index += 1) statuses.push((await house.post("/password/forgot", { email: "ADA@example.com" })).status);
    expect(statuses).toEqual([202, 202, 202, 202, 202, 429, 429]);
    // Of those that wait the newest takes the place of the others, so that there may be fewer mails.
    await house.mailsTo(ada);
    expect(await house.outcomesOf("mail-code.created")).toEqual(["done", "done", "done", "done", "done"]);
    expect(await house.post("/login", { email: ada, password })).toMatchObject({ status: 200 });
    for (let index = 0; index < 100; index += 1) await house.post("/password/forgot", { email: `x${index}@example.com` });
    expect(await house.post("/password/forgot", { email: "last@example.com" })).toMatchObject({ status: 429, code: "rate-limit.sign-in" });
  });

  test("leads to the configured site, whatever the request says of its host [attack:PW-10]", async () => {
    const lies = { host: "evil.example", "x-forwarded-host": "evil.example", forwarded: "host=evil.example", "x-forwarded-proto": "https" };
    await house.post("/password/forgot", { email: ada }, lies);
    house.auth.clock.advance("1m");
    await house.post("/password/forgot", { email: ada }, { host: "localhost:3000:@evil.example" });
    for (const { text, html } of await house.mailsTo(ada)) {
      expect(text + html).toContain("http://localhost:3000/password/reset");
      expect(text + html).not.toContain("evil");
    }
  });

  test.each([
    ["a@b@c"],
    [["ada@example.com", "eve@evil.example"]],
    [{ $ne: null }],
    [null],
    ["ada@example.com\r\nBcc: eve@evil.example"],
    ["x".repeat(5_000)],
  ])("is refused for what is no address: %j", async (email) => {
    expect(await house.post("/password/forgot", { email })).toMatchObject({ status: 400, code: "account.email-invalid" });
    await house.auth.flush();
    expect(house.mails).toEqual([]);
  });

  test("is refused from a page elsewhere, and so is the reset", async () => {
    const foreign = { "sec-fetch-site": "cross-site", origin: "https://evil.example" };
    expect(await house.post("/password/forgot", { email: ada }, foreign)).toMatchObject({ status: 403 });
    expect(await house.post("/password/reset", { code: "x", password }, foreign)).toMatchObject({ status: 403 });
  });

  test("is 503 where too many mails wait, whoever is asked for: LATCHKEY_MAIL_QUEUE_FULL", async () => {
    const stuck = await openMailed({
      mail: { send: () => new Promise(() => undefined) },
      limits: { signInAddress: "off", signInBoth: "off", signInGlobal: "off" },
    });
    await stuck.auth.users.create({ email: ada, password });
    const full = async (email: string) =>
      Promise.resolve(
        stuck.auth.handle(
          testRequest({
            method: "POST",
            target: "/password/forgot",
            body: JSON.stringify({ email }),
            headers: { "content-type": "application/json" },
          }),
        ),
      );
    const faults: unknown[] = [];
    for (let index = 0; index < 1_010; index += 1) await full(`x${index}@example.com`).catch((error: unknown) => faults.push(error));
    expect(faults[0]).toMatchObject({ code: "LATCHKEY_MAIL_QUEUE_FULL", retryAfterSeconds: 30 });
    await expect(full(ada)).rejects.toMatchObject({ code: "LATCHKEY_MAIL_QUEUE_FULL" });
  });
});

describe("a code to reset a password", () => {
  test("is guessed no more often than anything else from one place, and junk is no fault", async () => {
    const house = await openMailed({ limits: { signInAddress: "6/15m" } });
    const junk = [undefined, null, 7, [], {}, "", "AAAA", "AAAA-BBBB-CCCC-DDDD", "ÄÄÄÄ-ÄÄÄÄ-ÄÄÄÄ", "x".repeat(10_000), "UUUU-UUUU-UUUU"];
    const statuses: (number | undefined)[] = [];
    for (const code of junk) statuses.push((await house.post("/password/reset", { code, password: nextPassword })).status);
    expect(statuses).toEqual(junk.map((_, index) => (index < 6 ? 400 : 429)));
    await house.auth.close();
  });
});

describe("where no mail is sent, or the app keeps the passwords", () => {
  test("everything that needs a mail is refused with account.mail-off", async () => {
    const house = await openMailed({ mail: undefined });
    await house.auth.users.create({ email: ada, password });
    expect(await house.post("/password/forgot", { email: ada })).toMatchObject({ status: 403, code: "account.mail-off" });
    const cookie = await house.signIn(ada);
    for (const path of ["/email/verify", "/email/verify/send", "/email/change"])
      expect(await house.post(path, { email: ada }, { cookie })).toMatchObject({ status: 403, code: "account.mail-off" });
    await house.auth.close();
  });

  test("a password that is kept by the app is not replaced here", async () => {
    const user = { id: "7", email: ada };
    const house = await openMailed({ users: { findById: () => user, findByEmail: () => user, verifyPassword: () => true } });
    for (const path of ["/password/forgot", "/password/reset"])
      expect(await house.post(path, { email: ada, code: "x", password })).toMatchObject({
        status: 403,
        code: "account.password-elsewhere",
      });
    await house.auth.close();
  });

  test("an app's own user whose password is kept here gets a new one", async () => {
    const user = { id: "7", email: ada, emailVerified: true };
    const house = await openMailed({
      users: { findById: (id) => (id === "7" ? user : undefined), findByEmail: (email) => (email === ada ? user : undefined) },
    });
    await house.post("/password/forgot", { email: ada });
    expect(await house.post("/password/reset", { code: await house.codeTo(ada), password: nextPassword })).toMatchObject({ status: 204 });
    expect(await house.post("/login", { email: ada, password: nextPassword })).toMatchObject({ status: 200 });
    await house.auth.close();
  });
});

test("the whole way through a real mail server: ask, read the mail, choose", async () => {
  const server = await mailServer();
  const house = await openMailed({ mail: smtp(server.url) });
  await house.auth.users.create({ email: "ada@bücher.example", password, emailVerified: true });
  await house.post("/password/forgot", { email: "Ada@Bücher.example" });
  await house.auth.flush();
  const [mail] = server.mails;
  expect(mail).toMatchObject({ recipients: ["ada@bücher.example"], subject: "Choose a new password for localhost:3000" });
  expect(codeIn(mail!.text!)).toBe(mail!.code);
  expect(await house.post("/password/reset", { code: mail!.code, password: nextPassword })).toMatchObject({ status: 204 });
  expect(await house.post("/login", { email: "ada@bücher.example", password: nextPassword })).toMatchObject({ status: 200 });
  await house.auth.close();
  await server.close();
});
