import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import type { MailMessage, Store } from "latchkey";
import { smtp } from "latchkey/smtp";
import { sqlite } from "latchkey/sqlite";
import { testClock, testLatchkey, type TestLatchkey, testRequest } from "latchkey/testing";
import type { MailTables } from "../src/mail/table.ts";
import { weakPasswords } from "./accounts-house.ts";
import { childProgram } from "./child-program.ts";
import { codeIn, type MailServer, mailServer } from "./mail-server.ts";
import { nextPassword, openMailed, password } from "./mailed-house.ts";
import { patientPostgres } from "./patient-postgres.ts";
import { describeWithPostgres, emptyPostgres } from "./services.ts";

const ada = "ada@example.com";
const json = { "content-type": "application/json" };
const ask = async (auth: TestLatchkey, target: string, body: object) =>
  auth.handle(testRequest({ method: "POST", target, body: JSON.stringify(body), headers: json }));
const waiting = (store: Store) => store.database<MailTables>().selectFrom("latchkey_mail").selectAll().execute();
const givenUp = async (auth: TestLatchkey) => (await auth.audit.list()).filter(({ action }) => action === "mail.given-up");

describe("mails through a real SMTP server that fails at first", () => {
  let server: MailServer;
  let refusal: { responseCode: number } | undefined;
  let auth: TestLatchkey;
  const asked: string[] = [];
  beforeEach(async () => {
    asked.splice(0);
    server = await mailServer({
      onRcptTo({ address }, _, done) {
        asked.push(address);
        done(refusal === undefined ? undefined : Object.assign(new Error("not now"), refusal));
      },
    });
    auth = await testLatchkey({ passwords: weakPasswords, mail: smtp(server.url) });
    await auth.users.create({ email: ada, password, emailVerified: true });
  });
  afterEach(async () => {
    refusal = undefined;
    await auth.close();
    await server.close();
  });

  test("are tried again until they are taken, once each", async () => {
    refusal = { responseCode: 451 };
    await ask(auth, "/password/forgot", { email: ada });
    await auth.flush();
    await auth.flush();
    // Not before its pause is over.
    expect(asked).toEqual([ada]);
    auth.clock.advance("7s");
    await auth.flush();
    expect(asked).toEqual([ada, ada]);
    refusal = undefined;
    auth.clock.advance("40s");
    await auth.flush();
    await auth.flush();
    expect(server.mails).toHaveLength(1);
    const { code } = server.mails[0]!;
    expect(await ask(auth, "/password/reset", { code, password: nextPassword })).toMatchObject({ status: 204 });
    expect(await givenUp(auth)).toEqual([]);
  });

  test("are given up once their code is of no more use, which the audit log tells without the code", async () => {
    refusal = { responseCode: 451 };
    await ask(auth, "/password/forgot", { email: ada });
    for (let at = 0; at < 20; at += 1) {
      await auth.flush();
      auth.clock.advance("2m");
    }
    expect(await waiting(auth.store)).toEqual([]);
    expect(await givenUp(auth)).toMatchObject([
      {
        subject: (await auth.users.findByEmail(ada))!.id,
        detail: expect.stringMatching(/^reset-password: it(?:s time was over| could not be sent in its time), after [3-9] tries$/),
      },
    ]);
    const tries = asked.length;
    refusal = undefined;
    auth.clock.advance("1h");
    await auth.flush();
    expect(asked).toHaveLength(tries);
    expect(server.mails).toEqual([]);
  });

  test("are not sent any more by a process that comes back after their time", async () => {
    refusal = { responseCode: 451 };
    await ask(auth, "/password/forgot", { email: ada });
    await auth.flush();
    refusal = undefined;
    auth.clock.advance("31m");
    await auth.flush();
    expect(server.mails).toEqual([]);
    expect(await waiting(auth.store)).toEqual([]);
    expect(await givenUp(auth)).toMatchObject([{ detail: "reset-password: its time was over, after 2 tries" }]);
  });

  test("are given up at once where the mailbox is not there", async () => {
    refusal = { responseCode: 550 };
    await ask(auth, "/password/forgot", { email: ada });
    await auth.flush();
    expect(await waiting(auth.store)).toEqual([]);
    expect(await givenUp(auth)).toMatchObject([{ detail: expect.stringContaining("takes none for this address") }]);
  });

  test("leave out a code that a newer one has replaced", async () => {
    refusal = { responseCode: 451 };
    for (let at = 0; at < 3; at += 1) {
      await ask(auth, "/password/forgot", { email: ada });
      await auth.flush();
    }
    refusal = undefined;
    auth.clock.advance("1m");
    await auth.flush();
    expect(server.mails).toHaveLength(1);
    expect(await ask(auth, "/password/reset", { code: server.mails[0]!.code, password: nextPassword })).toMatchObject({ status: 204 });
  });
});

describe("the outbox on SQLite", () => {
  outboxTests(async () => sqlite(":memory:"));
});
describeWithPostgres("the outbox on PostgreSQL", () => outboxTests(async () => patientPostgres(await emptyPostgres())));

function outboxTests(storeOf: () => Promise<Store>): void {
  test("holds a letter sealed, and nothing once it is sent", async () => {
    let down = true;
    const sent: MailMessage[] = [];
    const send = (message: MailMessage): void => {
      if (down) throw new Error("down");
      sent.push(message);
    };
    const auth = await testLatchkey({ store: await storeOf(), passwords: weakPasswords, mail: { send } });
    await ask(auth, "/register", { email: ada, password });
    await auth.flush();
    const rows = await waiting(auth.store);
    expect(rows).toHaveLength(1);
    down = false;
    auth.clock.advance("7s");
    await auth.flush();
    const code = codeIn(sent[0]!.text);
    expect(code).toMatch(/^[0-9A-Z-]{14}$/);
    const kept = JSON.stringify(rows);
    for (const secret of [code, code.replaceAll("-", ""), ada, Buffer.from(code).toString("base64url")]) expect(kept).not.toContain(secret);
    expect(await waiting(auth.store)).toEqual([]);
    await auth.close();
  });

  test("goes with the act that did not happen", async () => {
    const auth = await testLatchkey({
      store: await storeOf(),
      passwords: weakPasswords,
      mail: { send: () => new Promise(() => undefined) },
    });
    await ask(auth, "/register", { email: ada, password });
    const before = (await waiting(auth.store)).length;
    // Nothing can be written into the audit log any more, so the second registration fails as a whole.
    await auth.store.write((transaction) => transaction.schema.dropTable("latchkey_audit_event").execute());
    await expect(ask(auth, "/register", { email: "bob@example.com", password })).rejects.toBeInstanceOf(Error);
    expect(await auth.users.findByEmail("bob@example.com")).toBeUndefined();
    expect(await waiting(auth.store)).toHaveLength(before);
    expect(before).toBe(1);
  });

  test("answers a registration of an address that somebody has like a free one, by a mail in its own transaction", async () => {
    const house = await openMailed({ store: await storeOf() });
    const first = await house.post("/register", { email: ada, password });
    const second = await house.post("/register", { email: ada, password });
    expect([second.status, second.body]).toEqual([first.status, first.body]);
    expect((await house.mailsTo(ada)).map(({ subject }) => subject)).toEqual([
      "Confirm your e-mail address for localhost:3000",
      "You have an account at localhost:3000 already",
    ]);
    await house.auth.close();
  });

  test("tells of a password that its owner changed", async () => {
    const house = await openMailed({ store: await storeOf() });
    await house.auth.users.create({ email: ada, password, emailVerified: true });
    const cookie = await house.signIn(ada);
    const answer = await house.post("/password/change", { currentPassword: password, newPassword: nextPassword }, { cookie });
    expect([answer.status, answer.code]).toEqual([204, undefined]);
    expect((await house.mailsTo(ada)).map(({ subject }) => subject)).toEqual(["Your password for localhost:3000 was changed"]);
    await house.auth.close();
  });
}

describeWithPostgres("two nodes on PostgreSQL", () => {
  test("send each mail once, and one takes over what the other left", async () => {
    const url = await emptyPostgres();
    const clock = testClock();
    const secret = "one that both nodes have, of 32 bytes or more";
    const sent: string[] = [];
    const open = (send: (message: MailMessage) => unknown) =>
      testLatchkey({
        store: patientPostgres(url),
        clock,
        secret,
        passwords: weakPasswords,
        mail: { send: async (message) => void (await send(message)) },
      });
    const nodes = [await open(({ to }) => sent.push(to)), await open(({ to }) => sent.push(to))] as const;
    const addresses = Array.from({ length: 40 }, (_, index) => `p${index}@example.com`);
    await Promise.all(addresses.map((email, index) => nodes[index % 2]!.users.create({ email, emailVerified: true })));
    await Promise.all(addresses.map((email, index) => ask(nodes[index % 2]!, "/password/forgot", { email })));
    await Promise.all(nodes.map((node) => node.flush()));
    await nodes[0].flush();
    expect(sent.toSorted()).toEqual(addresses.toSorted());
    for (const node of nodes) await node.close();
  });
});

describe("a process that is killed between the commit and the mail", () => {
  const start = childProgram("mail-child.ts");
  const folder = mkdtempSync(join(tmpdir(), "latchkey-test-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("leaves a mail that is sent after the restart, with a code that works", async () => {
    const file = join(folder, "a.db");
    const child = start(file, JSON.stringify({ email: ada, password }));
    await child.says("sending");
    await child.kill();
    const clock = testClock(new Date().toISOString());
    const house = await openMailed({ store: sqlite(file), clock, secret: "one that both processes have, of 32 bytes or more" });
    // Whoever was killed may still be at it, as far as another process can know.
    expect(await house.codeTo(ada)).toBe("");
    clock.advance("3m");
    const code = await house.codeTo(ada);
    const cookie = await house.signIn(ada);
    expect(await house.post("/email/verify", { code }, { cookie })).toMatchObject({ status: 204 });
    await house.auth.close();
  });
});
