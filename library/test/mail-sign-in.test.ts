import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { MailMessage } from "latchkey";
import { type MailedHouse, openMailed, password } from "./mailed-house.ts";

const ada = "ada@example.com";
const invalid = { status: 400, code: "account.code-invalid" };

describe("signing in by a code that is mailed", () => {
  let house: MailedHouse;
  beforeEach(async () => {
    const sent: MailMessage[] = [];
    house = await openMailed({ mail: { send: (message: MailMessage) => void sent.push(message), signIn: true } });
    Object.assign(house, { mails: sent });
    await house.auth.users.create({ email: ada, password, emailVerified: true });
  });
  afterEach(() => house.auth.close());

  /** Asks in a browser of its own: its cookie, and the code that was mailed. */
  async function asked(email = ada) {
    const { cookie, status } = await house.post("/login/email", { email });
    await house.auth.flush();
    const text = house.mails.findLast(({ to }) => to === email)?.text ?? "";
    return { status, cookie: cookie!, code: /[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(text)?.[0] };
  }
  const enter = (code: unknown, cookie?: string) => house.post("/login/code", { code }, cookie === undefined ? {} : { cookie });

  test("works once, in the browser that asked", async () => {
    const { code, cookie } = await asked();
    const done = await enter(code, cookie);
    expect(done).toMatchObject({ status: 200, body: { user: { email: ada } } });
    expect(await house.isIn(done.cookie!)).toBe(true);
    expect(await enter(code, cookie)).toMatchObject(invalid);
  });

  test("works in no other browser", async () => {
    const { code } = await asked();
    const other = await house.post("/login/email", { email: "nobody@example.com" });
    expect(await enter(code)).toMatchObject(invalid);
    expect(await enter(code, other.cookie)).toMatchObject(invalid);
    expect(await house.outcomesOf("sign-in.refused")).toEqual(["account.code-invalid", "account.code-invalid"]);
  });

  test("works for ten minutes, and not after the address changed or the user was disabled", async () => {
    const late = await asked();
    house.auth.clock.advance("10m");
    expect(await enter(late.code, late.cookie)).toMatchObject(invalid);
    const { id } = (await house.auth.users.findByEmail(ada))!;
    const moved = await asked();
    await house.auth.users.update(id, { email: "new@example.com" });
    expect(await enter(moved.code, moved.cookie)).toMatchObject(invalid);
    await house.auth.users.update(id, { email: ada, emailVerified: true });
    await house.auth.users.disable(id);
    expect(await enter(moved.code, moved.cookie)).toMatchObject(invalid);
  });

  test("is answered alike for everybody; an address that nobody confirmed gets no code [attack:OC-07]", async () => {
    await house.auth.users.create({ email: "victim@example.com", password });
    for (const email of [ada, "nobody@example.com", "victim@example.com"]) expect((await asked(email)).status).toBe(202);
    expect(house.mails.map(({ to }) => to)).toEqual([ada]);
    expect(await house.outcomesOf("mail-code.created")).toEqual(["done", "unknown-address", "address-unconfirmed"]);
  });

  test("ends the session that the browser had, and is no way to reset a password", async () => {
    const old = await house.signIn(ada);
    const { code, cookie } = await asked();
    expect(await house.post("/password/reset", { code, password: "six slow purple tractors" })).toMatchObject(invalid);
    const done = await enter(code, `${cookie}; ${old}`);
    expect(done.status).toBe(200);
    expect(await house.isIn(old)).toBe(false);
  });

  test("is refused from a page elsewhere", async () => {
    const foreign = { "sec-fetch-site": "cross-site", origin: "https://evil.example" };
    expect(await house.post("/login/email", { email: ada }, foreign)).toMatchObject({ status: 403 });
    expect(await house.post("/login/code", { code: "x" }, foreign)).toMatchObject({ status: 403 });
  });
});

test("signing in by mail is off by default: account.mail-sign-in-off", async () => {
  const house = await openMailed();
  for (const path of ["/login/email", "/login/code"])
    expect(await house.post(path, { email: ada, code: "x" })).toMatchObject({ status: 403, code: "account.mail-sign-in-off" });
  await house.auth.close();
});
