import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AuditEvent, createLatchkey, type Latchkey, type LatchkeyOptions } from "latchkey";
import { sqlite } from "latchkey/sqlite";
import { weakPasswords } from "./accounts-house.ts";
import { browser } from "./browser.ts";
import { formsOf } from "./canary.ts";
import { patientPostgres } from "./patient-postgres.ts";
import { describeWithPostgres, emptyPostgres } from "./services.ts";

const password = "four quiet grey horses";
const start = Date.parse("2026-11-24T09:00:00Z");
let folder: string;
let auth: Latchkey;
let told: unknown[];

const open = (options: Partial<LatchkeyOptions> = {}) =>
  createLatchkey({
    issuer: "http://localhost:3000",
    store: sqlite(join(folder, "test.db")),
    secret: "a test secret of at least 32 bytes",
    clock: { now: () => start },
    passwords: weakPasswords,
    limits: { credentialAddress: "off", signInAddress: "off" },
    onDecision: (event) => told.push(event),
    onFault: (error) => told.push(inspect(error, { depth: 20, showHidden: true })),
    ...options,
  });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "lk-audit-"));
  told = [];
  auth = await open();
});
afterEach(async () => {
  await auth.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("a hundred at once", () => {
  test("are recorded each with its own actor, subject, method, origin and time: none missing, doubled or mixed up [attack:AU-06] [asvs:V16.2.1]", async () => {
    const people = await Promise.all(
      Array.from({ length: 25 }, async (_, turn) => {
        const email = `user${turn}@example.com`;
        const user = await auth.users.create({ email, password });
        const { key, record } = await auth.apiKeys.issue({ name: "ci", owner: user.id, scopes: ["keys:manage"] });
        return { email, user, key, record, address: `198.51.100.${turn}`, agent: `agent/${turn}` };
      }),
    );
    await Promise.all(
      people.flatMap(({ email, key, address, agent }) => {
        const facts = { address, headers: { "user-agent": agent } };
        const byKey = { address, headers: { "user-agent": agent, "x-api-key": key } };
        return [
          browser(auth).ask("POST", "/login", { ...facts, body: { email, password } }),
          browser(auth).ask("POST", "/login", { ...facts, body: { email, password: "wrong" } }),
          browser(auth).ask("POST", "/keys", { ...byKey, body: { name: agent, scopes: ["keys:manage"] } }),
          browser(auth).codeFor(auth.rule({ scopes: ["orders:read"] }), "GET", byKey),
        ];
      }),
    );
    for (const { user, record, address, agent } of people) {
      const events = await auth.audit.list({ address });
      const of = (action: string) => events.filter((event) => event.action === action);
      const origin = { at: start, address, userAgent: agent, subject: user.id };
      expect(events).toHaveLength(4);
      expect(new Set(events.map(({ requestId }) => requestId)).size).toBe(4);
      expect(of("session.created")).toEqual([expect.objectContaining({ ...origin, actor: user.id, outcome: "done" })]);
      expect(of("sign-in.refused")).toEqual([expect.objectContaining({ ...origin, actor: undefined, outcome: "password.wrong" })]);
      expect(of("api-key.created")).toEqual([expect.objectContaining({ ...origin, actor: user.id, method: "api-key", outcome: "done" })]);
      expect(of("request.refused")).toEqual([
        expect.objectContaining({ ...origin, actor: user.id, credentialId: record.id, outcome: "authorization.scope-missing" }),
      ]);
    }
    expect(await auth.audit.verify()).toMatchObject({ sound: true, rows: 25 * 6 });
  });
});

describe("what comes from outside", () => {
  test.each([
    ["a line that looks like an event", 'bob\r\n{"action":"session.created","subject":"admin"}'],
    ["the escape that clears a terminal", "\u001B[2Jbob"],
    ["line separators of Unicode", "bob\u2028bob\u2029"],
    ["what turns text around", "bob\u202Etxt.exe"],
    ["NUL", "bob\0"],
    ["half a surrogate", "bob\uD800"],
    ["a megabyte", "b".repeat(1_000_000)],
  ])("stays one short line of JSON with escapes: %s [attack:AU-01] [asvs:V16.4.1]", async (_, text) => {
    await browser(auth).codeFor(auth.rule(), "GET", { headers: { "user-agent": text, "x-api-key": text } });
    await browser(auth).ask("POST", "/login", { headers: { "user-agent": text }, body: { email: text, password: text } });
    const lines = [];
    for await (const line of auth.audit.export()) lines.push(line);
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      expect(line.length).toBeLessThan(4_000);
      expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029\p{Cs}]/u);
      expect(JSON.parse(line)).toMatchObject({ userAgent: expect.stringMatching(/^(bob|b{300}$|\\u\{1b\}\[2J)/) });
    }
    expect(await auth.audit.verify()).toMatchObject({ sound: true });
  });
});

describe("a secret", () => {
  test("that was sent anywhere is found in no event, answer, fault or file of the database [attack:AU-02] [asvs:V16.2.5]", async () => {
    const user = await auth.users.create({ email: "ada@example.com", password });
    const { key, record } = await auth.apiKeys.issue({ name: "ci", owner: user.id, scopes: ["keys:manage"] });
    const rotated = await auth.apiKeys.rotate(record.id, { overlap: "1h" });
    const person = browser(auth);
    const answers: unknown[] = [await person.ask("POST", "/login", { body: { email: "ada@example.com", password } })];
    const secrets = [
      password,
      key,
      rotated!.key,
      person.cookies.get("latchkey")!,
      person.cookies.get("latchkey-device")!,
      "wr0ng-canary-Passw0rd",
      "canary-of-a-bearer",
    ];
    for (const secret of secrets) {
      for (const headers of [
        { authorization: `Bearer ${secret}` },
        { authorization: `Basic ${btoa(`ada@example.com:${secret}`)}` },
        { authorization: secret },
        { "x-api-key": secret },
        { "x-api-key": [secret, secret] },
        { cookie: `latchkey=${secret}` },
      ])
        answers.push(await browser(auth).ask("GET", "/whoami", { headers }));
      answers.push(await browser(auth).ask("GET", `/whoami?api_key=${encodeURIComponent(secret)}`));
      answers.push(await browser(auth).ask("POST", "/login", { body: { email: "ada@example.com", password: secret } }));
      answers.push(await browser(auth).ask("POST", "/login", { body: { email: secret, password: secret } }));
    }
    // The cookie itself is the one place where a secret of ours goes out.
    const shown = JSON.stringify(
      answers.map((answer) => ({ ...(answer as object), headers: { ...(answer as { headers: object }).headers, "set-cookie": "" } })),
    );
    const events: AuditEvent[] = [...(await auth.audit.list({ limit: 1_000 }))];
    await auth.apiKeys.revoke(record.id);
    await auth.close();
    const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), "latin1"));
    auth = await open();
    for (const secret of secrets) {
      for (const form of formsOf(secret)) {
        expect(shown).not.toContain(form);
        expect(JSON.stringify([events, told])).not.toContain(form);
        for (const file of files) expect(file.includes(form)).toBe(false);
      }
    }
    expect(inspect(auth, { depth: 20, showHidden: true })).not.toContain("a test secret of at least 32 bytes");
  });
});

describeWithPostgres("on PostgreSQL", () => {
  test("two nodes append at once, each to its own chain, from the first event on, and a change by hand shows [attack:AU-04]", async () => {
    const url = await emptyPostgres();
    const nodes = await Promise.all(["one", "two"].map((node) => open({ store: patientPostgres(url), audit: { node } })));
    const same = await open({ store: patientPostgres(url), audit: { node: "one" } });
    const all = [...nodes, same];
    await Promise.all(Array.from({ length: 60 }, (_, turn) => all[turn % 3]!.apiKeys.issue({ name: "ci" })));
    for (const node of all) await browser(node).codeFor(node.rule());
    for (const node of all) await node.flush();
    expect(await same.audit.verify()).toEqual({ sound: true, rows: 63, writers: 2 });
    expect((await same.audit.list({ limit: 100 })).filter(({ writer }) => writer === "two")).toHaveLength(21);
    const store = patientPostgres(url);
    await store.write<{ latchkey_audit_event: { seq: number; writer: string; actor: string } }, unknown>((transaction) =>
      transaction.updateTable("latchkey_audit_event").set({ actor: "x" }).where("writer", "=", "two").where("seq", "=", 7).execute(),
    );
    await store.close();
    expect(await same.audit.verify()).toMatchObject({ sound: false, writer: "two", seq: 7 });
    for (const node of all) await node.close();
  });
});
