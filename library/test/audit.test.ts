import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Libsql from "libsql";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLatchkey, Fault, type Latchkey, type LatchkeyOptions, type RequestView, UniqueViolation } from "latchkey";
import { sqlite } from "latchkey/sqlite";

const day = 86_400_000;
const start = Date.parse("2026-11-24T00:00:00Z");
let folder: string;
let now: number;
let auth: Latchkey;
let requests = 0;

/** A request as an adapter would present it. */
function request(
  facts: Partial<RequestView> & { readonly headers?: Readonly<Record<string, string>>; readonly json?: unknown },
): RequestView {
  const headers: Record<string, string> = { ...facts.headers, ...(facts.json === undefined ? {} : { "content-type": "application/json" }) };
  return {
    method: "GET",
    target: "/whoami",
    requestId: `req_test_${(requests += 1)}`,
    peerAddress: "203.0.113.7",
    encrypted: false,
    header: (name) => headers[name],
    body: () => Promise.resolve(Buffer.from(facts.json === undefined ? "" : JSON.stringify(facts.json))),
    ...facts,
  };
}

const open = (options: Partial<LatchkeyOptions> = {}) =>
  createLatchkey({
    issuer: "http://localhost:3000",
    store: sqlite(join(folder, "test.db")),
    secret: "a test secret of at least 32 bytes",
    clock: { now: () => now },
    ...options,
  });

/** What somebody does who has the database and not the secret. */
function byHand(statement: string): void {
  const database = new Libsql(join(folder, "test.db"));
  database.exec(statement);
  database.close();
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "lk-audit-"));
  now = start;
  auth = await open();
});

afterEach(async () => {
  await auth.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("an act", () => {
  test("is recorded with actor, subject, method, credential and origin", async () => {
    const user = await auth.users.create({ email: "ada@example.com" });
    const { key, record } = await auth.apiKeys.issue({ name: "ci", owner: user.id, scopes: ["keys:manage"] });
    const view = request({
      method: "POST",
      target: "/keys",
      headers: { "x-api-key": key, "user-agent": "curl/8" },
      json: { name: "child", scopes: ["keys:manage"] },
    });
    const answer = await auth.handle(view);
    const child = JSON.parse(String(answer?.body)) as { id: string };
    const [event] = await auth.audit.list({ action: "api-key.created" });
    expect(event).toMatchObject({
      at: now,
      outcome: "done",
      actor: user.id,
      subject: user.id,
      method: "api-key",
      credentialId: child.id,
      requestId: view.requestId,
      address: "203.0.113.7",
      userAgent: "curl/8",
    });
    expect(event?.credentialId).not.toBe(record.id);
  });

  test("is not done when it cannot be recorded: the key stays in force, and nobody is told otherwise", async () => {
    const { key, record } = await auth.apiKeys.issue({ name: "ci" });
    byHand("alter table latchkey_audit_event rename to lost");
    await expect(auth.apiKeys.revoke(record.id)).rejects.toThrow(Fault);
    await expect(auth.apiKeys.issue({ name: "other" })).rejects.toThrow(Fault);
    expect(await auth.check(request({ headers: { "x-api-key": key } }), auth.rule())).toMatchObject({ allowed: true });
    byHand("alter table lost rename to latchkey_audit_event");
    expect(await auth.audit.list()).toHaveLength(1);
    expect(await auth.audit.verify()).toMatchObject({ sound: true, rows: 1 });
  });

  test("leaves nothing in the log when it fails for another reason", async () => {
    await auth.users.create({ email: "ada@example.com" });
    await expect(auth.users.create({ email: "ADA@example.com" })).rejects.toThrow(UniqueViolation);
    expect(await auth.audit.list({ action: "user.created" })).toHaveLength(1);
  });
});

describe("the log", () => {
  test("holds refused requests of any kind beside the acts, newest first, page by page", async () => {
    const { record } = await auth.apiKeys.issue({ name: "ci" });
    for (let turn = 0; turn < 5; turn += 1) {
      now += 1;
      await auth.check(request({ headers: turn % 2 === 0 ? { "x-api-key": "junk" } : {} }), auth.rule());
    }
    now += 1;
    await auth.apiKeys.revoke(record.id);
    const all = await auth.audit.list();
    expect(all.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      "api-key.revoked done",
      "request.refused api-key.damaged",
      "request.refused request.no-credential",
      "request.refused api-key.damaged",
      "request.refused request.no-credential",
      "request.refused api-key.damaged",
      "api-key.created done",
    ]);
    const pages = [];
    for (let after: string | undefined; ;) {
      const page = await auth.audit.list({ limit: 3, ...(after === undefined ? {} : { after }) });
      if (page.length === 0) break;
      pages.push(...page);
      after = page.at(-1)!.id;
    }
    expect(pages).toEqual(all);
  });

  test("finds what a revoked key and an ended session were refused, by their ids and by whose they were", async () => {
    const user = await auth.users.create({ email: "ada@example.com" });
    const { key, record } = await auth.apiKeys.issue({ name: "ci", owner: user.id });
    const session = await auth.sessions.create({ user: user.id });
    await auth.apiKeys.revoke(record.id);
    await auth.sessions.revoke(session.record.id);
    await auth.check(request({ headers: { "x-api-key": key } }), auth.rule());
    await auth.check(request({ headers: { cookie: `latchkey=${session.token}` } }), auth.rule());
    await auth.flush();
    const refused = async (filter: object) =>
      (await auth.audit.list({ action: "request.refused", ...filter })).map(({ outcome, actor }) => [outcome, actor]);
    expect(await refused({ credentialId: record.id })).toEqual([["api-key.revoked", undefined]]);
    expect(await refused({ credentialId: session.record.id })).toEqual([["session.revoked", undefined]]);
    expect(await refused({ subject: user.id })).toHaveLength(2);
  });

  test("keeps the order of acts of one millisecond", async () => {
    const ids = [];
    for (let turn = 0; turn < 5; turn += 1) ids.push((await auth.apiKeys.issue({ name: "ci" })).record.id);
    expect((await auth.audit.list({ limit: 3 })).map(({ credentialId }) => credentialId)).toEqual(ids.slice(2).toReversed());
  });

  test.each([
    [{ action: "api-key.revoked" }, 1],
    [{ outcome: "api-key.revoked" }, 1],
    [{ address: "192.0.2.9" }, 1],
    [{ address: "192.0.2.90" }, 0],
    [{ requestId: "req_known" }, 1],
    [{ method: "api-key" }, 1],
    [{ actor: "somebody" }, 0],
    [{ since: start + day }, 2],
    [{ until: start + day }, 1],
    [{ since: start, until: start + 2 * day }, 3],
    [{ after: "evt_unknown" }, 0],
  ])("is filtered by %j", async (filter, count) => {
    const { key, record } = await auth.apiKeys.issue({ name: "ci" });
    now += day;
    await auth.apiKeys.revoke(record.id);
    await auth.check(request({ headers: { "x-api-key": key }, peerAddress: "192.0.2.9", requestId: "req_known" }), auth.rule());
    expect(await auth.audit.list(filter)).toHaveLength(count);
  });

  test("is exported oldest first as lines of JSON, and goes on from what was shipped", async () => {
    for (let turn = 0; turn < 3; turn += 1) await auth.apiKeys.issue({ name: "ci" });
    const lines = [];
    for await (const line of auth.audit.export()) lines.push(line);
    expect(lines).toHaveLength(3);
    expect(lines.every((line) => line.indexOf("\n") === line.length - 1)).toBe(true);
    const events = lines.map((line) => JSON.parse(line) as { id: string });
    const rest = [];
    for await (const line of auth.audit.export({ after: events[1]!.id })) rest.push(JSON.parse(line));
    expect(rest).toEqual([events[2]]);
  });

  test("survives the process", async () => {
    await auth.check(request({}), auth.rule());
    await auth.close();
    auth = await open();
    expect(await auth.audit.list({ outcome: "request.no-credential" })).toHaveLength(1);
    expect(await auth.audit.verify()).toMatchObject({ sound: true, rows: 1 });
  });
});

describe("verification", () => {
  const three = async () => {
    for (let turn = 0; turn < 3; turn += 1) await auth.apiKeys.issue({ name: "ci" });
  };

  test.each([
    ["edited", "update latchkey_audit_event set actor = 'usr_other' where seq = 2", 2],
    ["edited in a field that was empty", "update latchkey_audit_event set detail = 'x' where seq = 3", 3],
    ["deleted", "delete from latchkey_audit_event where seq = 2", 2],
    [
      "deleted, the others moved up",
      "delete from latchkey_audit_event where seq = 2; update latchkey_audit_event set seq = 2 where seq = 3",
      2,
    ],
    ["deleted at the end", "delete from latchkey_audit_event where seq = 3", 3],
    ["deleted at the beginning", "delete from latchkey_audit_event where seq = 1", 1],
    [
      "deleted at the beginning, and the head moved after",
      "delete from latchkey_audit_event where seq = 1; update latchkey_audit_head set start_seq = 1 where writer = 'local'",
      3,
    ],
    [
      "put in for another writer",
      "insert into latchkey_audit_event select 'ghost', 1, 'evt_x', at, action, outcome, actor, subject, method, credential_id, detail, request_id, address, user_agent, request, key_id, mac from latchkey_audit_event where seq = 1",
      1,
    ],
  ])("names the row that was %s [attack:AU-04] [asvs:V16.4.2]", async (_, statement, seq) => {
    await three();
    expect(await auth.audit.verify()).toEqual({ sound: true, rows: 3, writers: 1 });
    byHand(statement);
    expect(await auth.audit.verify()).toMatchObject({ sound: false, seq });
  });

  test("holds for two processes that append at once, one chain for each node [attack:AU-04]", async () => {
    const other = await open({ audit: { node: "other" } });
    const same = await open();
    await Promise.all(Array.from({ length: 30 }, (_, turn) => [auth, other, same][turn % 3]!.apiKeys.issue({ name: "ci" })));
    await Promise.all([other.close(), same.close()]);
    expect(await auth.audit.verify()).toEqual({ sound: true, rows: 30, writers: 2 });
    const events = await auth.audit.list();
    expect(events.filter(({ writer }) => writer === "other")).toHaveLength(10);
  });

  test("is not disturbed by what is written meanwhile", async () => {
    await three();
    const verdicts = [];
    for (let turn = 0; turn < 5; turn += 1) verdicts.push(...(await Promise.all([auth.audit.verify(), three()])).slice(0, 1));
    expect(verdicts.every((verdict) => verdict?.sound)).toBe(true);
  });
});

describe("retention", () => {
  test("removes what is too old and leaves a chain that verifies [asvs:V14.2.7]", async () => {
    await auth.close();
    auth = await open({ audit: { keep: "30d" } });
    await auth.apiKeys.issue({ name: "old" });
    await auth.check(request({}), auth.rule());
    await auth.flush();
    now += 31 * day;
    const { record } = await auth.apiKeys.issue({ name: "new" });
    expect(await auth.audit.removeOld()).toBe(2);
    expect((await auth.audit.list()).map(({ credentialId }) => credentialId)).toEqual([record.id]);
    expect(await auth.audit.verify()).toEqual({ sound: true, rows: 1, writers: 1 });
    expect(await auth.audit.removeOld()).toBe(0);
  });

  test("shows a cut that retention did not make", async () => {
    await auth.apiKeys.issue({ name: "old" });
    now += 400 * day;
    await auth.apiKeys.issue({ name: "new" });
    await auth.audit.removeOld();
    await auth.apiKeys.issue({ name: "newer" });
    byHand("delete from latchkey_audit_event where seq = 2");
    expect(await auth.audit.verify()).toMatchObject({ sound: false, seq: 2 });
  });

  test("keeps everything when it is off", async () => {
    await auth.close();
    auth = await open({ audit: { keep: "off" } });
    await auth.apiKeys.issue({ name: "old" });
    now += 4_000 * day;
    expect(await auth.audit.removeOld()).toBe(0);
    expect(await auth.audit.list()).toHaveLength(1);
  });

  test.each([
    ["audit.keep", { keep: "soon" }],
    ["audit.node", { node: "a b" }],
  ])("refuses an option that cannot be used: %s", async (name, audit) => {
    await expect(open({ audit })).rejects.toThrow(name);
  });
});
