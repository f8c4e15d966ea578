import { generateKeyPairSync, sign } from "node:crypto";
import { assert, asyncProperty, string } from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { testLatchkey, type TestLatchkey } from "latchkey/testing";
import { type AlertingGithub, alertingGithub } from "./github-alerts.ts";
import { openMailed } from "./mailed-house.ts";

const issuer = "http://localhost:3000";
let auth: TestLatchkey;
afterEach(() => auth.close());

const post = async (path: string, body: string, headers: Record<string, string> = {}) => {
  const answer = await auth.fetch(
    new Request(`${issuer}${path}`, { method: "POST", body, headers: { "content-type": "application/json", ...headers } }),
  );
  return { status: answer.status, text: await answer.text() };
};
const works = async (key: string) => (await auth.check(new Request(issuer, { headers: { "x-api-key": key } }), {})).allowed;

describe("a key that somebody found", () => {
  beforeEach(async () => {
    auth = await testLatchkey();
  });

  test("is refused from the next request on, and the audit log tells where it was", async () => {
    const { key, record } = await auth.apiKeys.issue({ name: "ci" });
    expect(await works(key)).toBe(true);
    expect(await auth.apiKeys.reportLeak(key, "https://github.com/acme/app")).toBe("revoked");
    expect(await works(key)).toBe(false);
    expect(await auth.apiKeys.reportLeak(key)).toBe("ended");
    const events = await auth.audit.list({});
    const told = events
      .filter(({ action }) => action.startsWith("api-key."))
      .map(({ action, credentialId, detail }) => [action, credentialId, detail]);
    expect(told.slice(0, 2)).toEqual([
      ["api-key.revoked", record.id, undefined],
      ["api-key.leaked", record.id, "https://github.com/acme/app"],
    ]);
    expect(JSON.stringify(events)).not.toContain(key);
  });

  test("leaves the new secret of a key alone whose old one was found after the overlap", async () => {
    const first = await auth.apiKeys.issue({ name: "ci" });
    const second = await auth.apiKeys.rotate(first.record.id, { overlap: "1h" });
    auth.clock.advance("2h");
    expect(await auth.apiKeys.reportLeak(first.key)).toBe("ended");
    expect(await works(second!.key)).toBe(true);
    expect(await auth.apiKeys.reportLeak(second!.key)).toBe("revoked");
  });

  test("can be reported by anybody, who is not told whether it was one", async () => {
    const { key } = await auth.apiKeys.issue({ name: "ci" });
    const path = "/.well-known/report-key";
    const right = await post(path, JSON.stringify({ key, url: "https://example.com" }));
    expect(await works(key)).toBe(false);
    const wrong = await post(path, JSON.stringify({ key: `${key.slice(0, -1)}x` }));
    expect([right.status, right.text]).toEqual([wrong.status, wrong.text]);
    expect((await post(path, "{}")).status).toBe(400);
    expect((await post(path, JSON.stringify({ key: ["a"] }))).status).toBe(400);
    await assert(
      asyncProperty(string({ unit: "binary", minLength: 1 }), async (text) => {
        expect(await auth.apiKeys.reportLeak(text)).toBe("unknown");
      }),
    );
  });

  test("can be reported on a page, without a script", async () => {
    const { key } = await auth.apiKeys.issue({ name: "ci" });
    const page = await auth.fetch(new Request(`${issuer}/.well-known/report-key`, { headers: { accept: "text/html" } }));
    expect(await page.text()).toContain('action="../.well-known/report-key"');
    const form = { "content-type": "application/x-www-form-urlencoded", accept: "text/html" };
    expect((await post("/.well-known/report-key", "key=", form)).status).toBe(400);
    expect((await post("/.well-known/report-key", new URLSearchParams({ key, url: "" }).toString(), form)).text).toContain("Thank you");
    expect(await works(key)).toBe(false);
  });

  test("is told to webhooks as leaked", async () => {
    await auth.webhooks.create({ url: "http://127.0.0.1:1/", events: ["key.leaked"] });
    await auth.apiKeys.reportLeak((await auth.apiKeys.issue({ name: "ci" })).key);
    expect(await auth.webhooks.deliveries()).toMatchObject([{ type: "key.leaked" }]);
  });

  test("is told to its owner by one mail, without the key and without what the finder wrote", async () => {
    const house = await openMailed();
    const ada = await house.auth.users.create({ email: "ada@example.com" });
    const { key } = await house.auth.apiKeys.issue({ name: "nightly job", owner: ada.id });
    for (let times = 0; times < 2; times += 1) await house.auth.apiKeys.reportLeak(key, "https://evil.example/click-here");
    const mails = await house.mailsTo("ada@example.com");
    expect(mails.map(({ subject }) => subject)).toEqual(["A key of your account at localhost:3000 was revoked"]);
    expect(mails[0]!.text).toContain('the key "nightly job" of your account');
    expect(mails[0]!.text).toContain("http://localhost:3000/account");
    for (const hidden of [key, key.slice(-12), "evil.example"]) expect(JSON.stringify(mails)).not.toContain(hidden);
    // A key of nobody ends without a mail.
    expect(await house.auth.apiKeys.reportLeak((await house.auth.apiKeys.issue({ name: "ci" })).key)).toBe("revoked");
    expect(house.mails).toHaveLength(1);
    await house.auth.close();
  });

  test("is told in the transaction that ends it: not without the audit, and again when that is there", async () => {
    const house = await openMailed();
    const ada = await house.auth.users.create({ email: "ada@example.com" });
    const { key, record } = await house.auth.apiKeys.issue({ name: "ci", owner: ada.id });
    const { store } = house.auth;
    // The last statement of the transaction fails.
    await store.write((transaction) => transaction.schema.alterTable("latchkey_mail").renameTo("elsewhere").execute());
    await expect(house.auth.apiKeys.reportLeak(key)).rejects.toBeInstanceOf(Error);
    expect((await house.auth.apiKeys.find(record.id))!.revokedAt).toBeUndefined();
    await store.write((transaction) => transaction.schema.alterTable("elsewhere").renameTo("latchkey_mail").execute());
    expect(await house.auth.apiKeys.reportLeak(key)).toBe("revoked");
    expect(await house.mailsTo("ada@example.com")).toHaveLength(1);
    await house.auth.close();
  });

  test("ends also while the app cannot say where its owner gets mail", async () => {
    const faults: unknown[] = [];
    let down = false;
    const find = () => {
      if (down) throw new Error("the app's table is away");
      return { id: "42", email: "ada@example.com" };
    };
    const house = await openMailed({ users: { findById: find, findByEmail: find }, onFault: (error) => void faults.push(error) });
    const { key } = await house.auth.apiKeys.issue({ name: "ci", owner: "42" });
    down = true;
    expect(await house.auth.apiKeys.reportLeak(key)).toBe("revoked");
    expect(faults).toHaveLength(1);
    expect(house.mails).toEqual([]);
    await house.auth.close();
  });

  test("is not taken from GitHub where that is off", async () => {
    expect((await post("/leaks/github", "[]")).status).toBe(404);
  });
});

describe("an alert of GitHub", () => {
  let github: AlertingGithub;
  beforeEach(async () => {
    github = await alertingGithub();
    auth = await testLatchkey({ leaks: { github: { keysUrl: github.keysUrl } } });
  });
  afterEach(() => github.close());

  const alert = (body: string, headers: Record<string, string> = {}) =>
    post("/leaks/github", body, { ...github.headersOf(body), ...headers });

  test("revokes what is ours, and labels each secret", async () => {
    const { key } = await auth.apiKeys.issue({ name: "ci" });
    const made = key.slice(0, -1) + (key.endsWith("x") ? "y" : "x");
    const { status: answered, text } = await alert(
      JSON.stringify([
        { token: key, type: "latchkey_key", url: "https://github.com/acme/app", source: "content" },
        { token: made, type: "latchkey_key" },
      ]),
    );
    expect(answered).toBe(200);
    expect((JSON.parse(text) as { label: string }[]).map(({ label }) => label)).toEqual(["true_positive", "false_positive"]);
    expect(text).not.toContain(key);
    expect(await works(key)).toBe(false);
    expect((await auth.audit.list({ action: "api-key.leaked" }))[0]).toMatchObject({
      method: "github-secret-scanning",
      detail: "https://github.com/acme/app",
    });
  });

  test("is refused with a changed byte, another key, an unknown one or no signature (leak.unsigned)", async () => {
    const { key } = await auth.apiKeys.issue({ name: "ci" });
    const body = JSON.stringify([{ token: key, type: "latchkey_key" }]);
    const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    const bad: Record<string, string>[] = [
      { "github-public-key-signature": github.headersOf(`${body} `)["github-public-key-signature"]! },
      { "github-public-key-signature": sign("sha256", Buffer.from(body), other).toString("base64") },
      { "github-public-key-signature": "nothing" },
      { "github-public-key-identifier": "bad" },
      { "github-public-key-identifier": "nobody" },
    ];
    for (const headers of bad)
      expect(await alert(body, headers)).toMatchObject({ status: 401, text: expect.stringContaining("leak.unsigned") });
    expect((await post("/leaks/github", body)).status).toBe(401);
    expect(await works(key)).toBe(true);
    // However many unknown identifiers come, GitHub is asked once a minute.
    expect(github.asked).toBe(1);
  });

  test("that is signed and no list of secrets is refused (leak.malformed)", async () => {
    for (const body of [
      "{}",
      "[1]",
      "[null]",
      '[{"token":1,"type":"a"}]',
      "nothing",
      `[${'{"token":"a","type":"b"},'.repeat(1_001)}{"token":"a","type":"b"}]`,
    ])
      expect(await alert(body)).toMatchObject({ status: 400, text: expect.stringContaining("leak.malformed") });
  });

  test("is 503 while GitHub's keys cannot be had, and not lost by that", async () => {
    github.status = 500;
    expect((await alert("[]")).status).toBe(503);
    github.status = 200;
    expect((await alert("[]")).status).toBe(200);
  });
});

test("the options are checked when the gate is built", async () => {
  auth = await testLatchkey();
  await expect(
    testLatchkey({ issuer: "https://auth.example.com", leaks: { github: { keysUrl: "http://github.example" } } }),
  ).rejects.toThrow(/^leaks\.github/);
});
