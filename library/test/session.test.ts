import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLatchkey, type Latchkey, type LatchkeyOptions, OptionFault, type Store } from "latchkey";
import { sqlite } from "latchkey/sqlite";
import { weakPasswords } from "./accounts-house.ts";
import { type Browser, browser, json } from "./browser.ts";

const hour = 3_600_000;
const day = 24 * hour;
const email = "ada@example.com";
const password = "four quiet grey horses";

let now: number;
let auth: Latchkey;
let ada: string;

const open = (options: Partial<LatchkeyOptions> = {}) =>
  createLatchkey({
    issuer: "http://localhost:3000",
    store: sqlite(":memory:"),
    secret: "a test secret of at least 32 bytes",
    clock: { now: () => now },
    passwords: weakPasswords,
    ...options,
  });

beforeEach(async () => {
  now = Date.parse("2026-11-24T00:00:00Z");
  auth = await open();
  ada = (await auth.users.create({ email, password })).id;
});
afterEach(() => auth.close());

async function signedIn(on: Latchkey = auth): Promise<Browser> {
  const person = browser(on);
  expect(await person.ask("POST", "/login", { body: { email, password } })).toMatchObject({ status: 200 });
  return person;
}

describe("signing in", () => {
  test("gives a session in a cookie that scripts cannot read, and shows its secret nowhere else [asvs:V3.3.4]", async () => {
    const person = browser(auth);
    const answer = await person.ask("POST", "/login", { body: { email, password } });
    expect(json(answer)).toEqual({ user: { id: ada, email } });
    expect(answer.headers["set-cookie"]).toEqual([
      expect.stringMatching(/^latchkey=ls_live_\w{49}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax$/),
      expect.stringMatching(/^latchkey-device=[\w.-]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/),
    ]);
    expect(await person.check(auth.rule())).toMatchObject({
      allowed: true,
      principal: { subject: ada, kind: "user", method: "session", authenticatedAt: now, assurance: { amr: ["pwd"] } },
    });
  });

  test("takes a form as well as JSON", async () => {
    const person = browser(auth);
    const answer = await person.ask("POST", "/login", { body: new URLSearchParams({ email, password }).toString() });
    expect(answer.status).toBe(200);
    expect(await person.codeFor(auth.rule())).toBe("allowed");
  });

  test("has a __Host- cookie over https, and takes no other [asvs:V3.3.1] [asvs:V3.3.3]", async () => {
    const https = await open({ issuer: "https://api.example.com" });
    const user = await https.users.create({ email, password });
    const { cookie, token } = await https.sessions.create({ user: user.id });
    expect(cookie).toMatch(/^__Host-latchkey=.*; Secure$/);
    expect(cookie).not.toMatch(/domain/i);
    expect(await browser(https, new Map([["__Host-latchkey", token]])).codeFor(https.rule())).toBe("allowed");
    expect(await browser(https, new Map([["latchkey", token]])).codeFor(https.rule())).toBe("request.no-credential");
    await https.close();
  });

  test("gives a new id and lets the old one die, also when a cookie came from elsewhere [attack:SE-01] [asvs:V7.2.4]", async () => {
    const person = await signedIn();
    const before = person.cookies.get("latchkey")!;
    const elsewhere = await open();
    const stranger = await elsewhere.users.create({ email: "eve@example.com" });
    const invented = (await elsewhere.sessions.create({ user: stranger.id })).token;
    await elsewhere.close();
    expect(await person.ask("POST", "/login", { body: { email, password } })).toMatchObject({ status: 200 });
    expect(await browser(auth, new Map([["latchkey", before]])).codeFor(auth.rule())).toBe("session.revoked");

    const victim = browser(auth, new Map([["latchkey", invented]]));
    await victim.ask("POST", "/login", { body: { email, password } });
    expect(victim.cookies.get("latchkey")).not.toBe(invented);
    expect(await browser(auth, new Map([["latchkey", invented]])).codeFor(auth.rule())).toBe("session.unknown");
  });

  test("refuses a wrong password without a cookie", async () => {
    const person = browser(auth);
    const answer = await person.ask("POST", "/login", { body: { email, password: "a wrong one altogether" } });
    expect(answer.status).toBe(401);
    expect(answer.headers["set-cookie"]).toBeUndefined();
  });

  test("never comes of an API key [asvs:V7.2.2]", async () => {
    const { key } = await auth.apiKeys.issue({ name: "ci", owner: ada });
    const answer = await browser(auth).ask("GET", "/whoami", { headers: { "x-api-key": key } });
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.headers["set-cookie"]).toBeUndefined();
  });

  test("begins no session for a user who is unknown or disabled", async () => {
    await expect(auth.sessions.create({ user: "usr_nobody" })).rejects.toBeInstanceOf(OptionFault);
    await auth.users.disable(ada);
    await expect(auth.sessions.create({ user: ada })).rejects.toBeInstanceOf(OptionFault);
  });
});

describe("a session", () => {
  test("is decided at once when it is warm", async () => {
    const person = await signedIn();
    const rule = auth.rule();
    await person.check(rule);
    const view = { method: "GET", target: "/", requestId: "r", peerAddress: "", encrypted: false, body: () => Promise.reject(new Error()) };
    const decision = auth.check({ ...view, header: (name) => (name === "cookie" ? person.cookieField() : undefined) }, rule);
    expect(decision).toMatchObject({ allowed: true });
  });

  test("gives way to an explicit credential", async () => {
    const person = await signedIn();
    const { key, record } = await auth.apiKeys.issue({ name: "ci" });
    const decision = await person.check(auth.rule(), "GET", { headers: { "x-api-key": key } });
    expect(decision).toMatchObject({ allowed: true, principal: { subject: record.id } });
  });

  test("is its user in person: a rule's scopes narrow only what is delegated", async () => {
    const person = await signedIn();
    expect(await person.codeFor(auth.rule({ scopes: ["posts:read"] }))).toBe("allowed");
    expect(await person.codeFor(auth.rule({ roles: ["admin"] }))).toBe("authorization.role-missing");
  });

  test("ends when it was idle too long, and lives on while it is used [asvs:V7.3.1]", async () => {
    const person = await signedIn();
    for (let used = 0; used < 5; used += 1) {
      now += 23 * hour;
      expect(await person.codeFor(auth.rule())).toBe("allowed");
    }
    now += day + 1_000;
    expect(await person.codeFor(auth.rule())).toBe("session.idle");
    await auth.flush();
    expect(await person.codeFor(auth.rule())).toBe("session.idle");
  });

  test("is never remembered past its end", async () => {
    const brief = await open({ sessions: { idle: "10s", absolute: "15s" } });
    const user = await brief.users.create({ email });
    const { token } = await brief.sessions.create({ user: user.id });
    const person = browser(brief, new Map([["latchkey", token]]));
    now += 9_900;
    expect(await person.codeFor(brief.rule())).toBe("allowed");
    now += 5_099;
    expect(await person.codeFor(brief.rule())).toBe("allowed");
    now += 1;
    expect(await person.codeFor(brief.rule())).toBe("session.expired");
    await brief.close();
  });

  test("ends at its absolute time however much it is used, and says so to its holder [asvs:V7.3.2]", async () => {
    const person = await signedIn();
    const end = now + 30 * day;
    while (now + 20 * hour < end) {
      now += 20 * hour;
      expect(await person.codeFor(auth.rule())).toBe("allowed");
    }
    now = end + 1_000;
    const answer = await person.ask("GET", "/whoami");
    expect(json(answer)).toMatchObject({ status: 401, code: "session.expired" });
  });

  test("is refused when the cookie comes twice, whichever is the good one", async () => {
    const person = await signedIn();
    const good = person.cookieField()!;
    const other = "latchkey=ls_live_other";
    for (const cookie of [`${good}; ${other}`, `${other};${good}`, `${good}; ${good}`, [good, "theme=dark"], [other, good]]) {
      expect([String(cookie), await person.codeFor(auth.rule(), "GET", { headers: { cookie } })]).toEqual([
        String(cookie),
        "session.several",
      ]);
    }
    for (const cookie of [`a=1; ${good}`, `${good}; latchkey2=x`, `xlatchkey=1; ${good} `, `a="latchkey=1"; ${good}`]) {
      expect([cookie, await person.codeFor(auth.rule(), "GET", { headers: { cookie } })]).toEqual([cookie, "allowed"]);
    }
  });

  test("of nobody, of a guess, cut or empty is refused and told apart by the operator only", async () => {
    const person = await signedIn();
    const token = person.cookies.get("latchkey")!;
    const codes = { [token.slice(0, -1)]: "session.damaged", "x y": "session.damaged", "": "request.no-credential" };
    for (const [value, code] of Object.entries(codes)) {
      expect(await browser(auth, new Map([["latchkey", value]])).codeFor(auth.rule())).toBe(code);
    }
    await auth.sessions.rotate((await auth.sessions.list(ada))[0]!.id);
    const answer = await person.ask("GET", "/whoami");
    expect(json(answer)).toMatchObject({ status: 401, code: "session.invalid" });
    expect(await person.codeFor(auth.rule())).toBe("session.unknown");
  });

  test("is never let in by the id that its owner sees", async () => {
    await signedIn();
    const [record] = await auth.sessions.list(ada);
    expect(await browser(auth, new Map([["latchkey", record!.id]])).codeFor(auth.rule())).toBe("session.damaged");
  });

  test("is kept as a hash only: no row can be turned into a cookie [attack:SE-11] [asvs:V7.2.3]", async () => {
    const store = sqlite(":memory:");
    const house = await open({ store });
    const user = await house.users.create({ email });
    const { token } = await house.sessions.create({ user: user.id });
    const dump = JSON.stringify(
      await store.database<{ latchkey_session: Record<string, unknown> }>().selectFrom("latchkey_session").selectAll().execute(),
    );
    expect(dump).toContain(user.id);
    expect(dump).not.toContain(token.slice(8, 51));
    for (const value of Object.values((JSON.parse(dump) as Record<string, unknown>[])[0]!)) {
      expect(await browser(house, new Map([["latchkey", String(value)]])).codeFor(house.rule())).toMatch(/damaged|no-credential|several/);
    }
    await house.close();
  });

  test("reads rights afresh: a role taken, a user disabled or deleted hold from the next request on [attack:SE-13] [asvs:V7.4.2]", async () => {
    await auth.roles.set("admin", []);
    await auth.roles.grant(ada, "admin");
    const person = await signedIn();
    const admin = auth.rule({ roles: ["admin"] });
    expect(await person.codeFor(admin)).toBe("allowed");
    await auth.roles.revoke(ada, "admin");
    expect(await person.codeFor(admin)).toBe("authorization.role-missing");
    await auth.users.disable(ada);
    expect(await person.codeFor(auth.rule())).toBe("session.owner-disabled");
    await auth.users.enable(ada);
    expect(await person.codeFor(auth.rule())).toBe("allowed");
    await auth.users.delete(ada);
    expect(await person.codeFor(auth.rule())).toBe("session.owner-gone");
    const answer = await person.ask("GET", "/whoami");
    expect(json(answer)).toMatchObject({ status: 401, code: "session.invalid" });
    expect(JSON.stringify(answer)).not.toMatch(/argon2|hash/);
  });

  test("gets a new secret under the same id when what its holder may do changes [attack:SE-02]", async () => {
    const person = await signedIn();
    const old = person.cookies.get("latchkey")!;
    const [before] = await auth.sessions.list(ada);
    now += hour;
    const renewed = await auth.sessions.rotate(before!.id, { authenticatedAt: now, acr: "mfa", amr: ["pwd", "otp"] });
    expect(renewed!.record).toMatchObject({ id: before!.id, authenticatedAt: now, acr: "mfa", createdAt: before!.createdAt });
    expect(await person.codeFor(auth.rule())).toBe("session.unknown");
    expect(await browser(auth, new Map([["latchkey", old]])).codeFor(auth.rule())).toBe("session.unknown");
    const stepped = browser(auth, new Map([["latchkey", renewed!.token]]));
    expect(await stepped.codeFor(auth.rule({ assurance: "mfa", maxAge: "1m" }))).toBe("allowed");
    await auth.sessions.revoke(before!.id);
    expect(await auth.sessions.rotate(before!.id)).toBeUndefined();
  });

  test("begun with the old password is of no use once it was changed, one under way included", async () => {
    const person = await signedIn();
    const began = now;
    now += 1_000;
    await auth.users.setPassword(ada, "five quiet grey horses");
    expect(await person.codeFor(auth.rule())).toBe("session.password-changed");
    // A sign-in that had proved the old password and writes its session only now.
    const late = await auth.sessions.create({ user: ada, authenticatedAt: began });
    expect(await browser(auth, new Map([["latchkey", late.token]])).codeFor(auth.rule())).toBe("session.password-changed");
    expect(await auth.sessions.list(ada)).toEqual([]);
  });

  test("must be fresh where the rule says so, and the challenge says how fresh", async () => {
    const person = await signedIn();
    const fresh = auth.rule({ maxAge: "10m" });
    now += 10 * 60_000;
    expect(await person.codeFor(fresh)).toBe("allowed");
    now += 1;
    const decision = await person.check(fresh);
    expect(decision).toMatchObject({
      allowed: false,
      refusal: { status: 401, bearerError: "insufficient_user_authentication", challengeParameters: { max_age: "600" } },
      challenges: expect.arrayContaining([
        { scheme: "Bearer", parameters: expect.objectContaining({ error: "insufficient_user_authentication", max_age: "600" }) },
      ]),
    });
  });

  test("of a fresh sign-in may manage keys, an old one may only list them [attack:AK-10] [asvs:V7.5.1]", async () => {
    const person = await signedIn();
    const body = { name: "ci", scopes: ["posts:read"] };
    const made = await person.ask("POST", "/keys", { body });
    expect(made).toMatchObject({ status: 201 });
    now += 15 * 60_000 + 1;
    expect(json(await person.ask("POST", "/keys", { body }))).toMatchObject({ status: 401, code: "authorization.sign-in-too-old" });
    expect(await person.ask("DELETE", `/keys/${String(json(made).id)}`)).toMatchObject({ status: 401 });
    expect(await person.ask("GET", "/keys")).toMatchObject({ status: 200 });
  });
});

describe("one's own sessions", () => {
  test("are listed with device, address and last use, without a secret", async () => {
    const agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    const person = browser(auth);
    await person.ask("POST", "/login", { body: { email, password }, headers: { "user-agent": agent }, address: "203.0.113.7" });
    now += hour;
    const other = await signedIn();
    now += hour;
    await person.check(auth.rule(), "GET", { address: "203.0.113.9" });
    const answer = await person.ask("GET", "/sessions");
    expect(json(answer).sessions).toEqual([
      expect.objectContaining({ current: true, device: "Firefox on Linux", address: "203.0.113.7", lastAddress: "203.0.113.9" }),
      expect.objectContaining({ current: false, device: "Unknown device" }),
    ]);
    expect(String(answer.body)).not.toContain("ls_");
    expect(String(answer.body)).not.toContain(other.cookies.get("latchkey")!.slice(10, 30));
  });

  test("end one by one, and nobody else's [asvs:V7.5.2]", async () => {
    const person = await signedIn();
    const other = await signedIn();
    const bob = await auth.users.create({ email: "bob@example.com" });
    const { record } = await auth.sessions.create({ user: bob.id });
    expect(json(await person.ask("DELETE", `/sessions/${record.id}`))).toMatchObject({ status: 404, code: "session.not-found" });
    expect(await auth.sessions.list(bob.id)).toHaveLength(1);
    expect(await person.ask("DELETE", "/sessions/ses_none")).toMatchObject({ status: 404 });
    const [mine, theirs] = await Promise.all([person, other].map(async (one) => json(await one.ask("GET", "/whoami")).credentialId));
    expect(await person.ask("DELETE", `/sessions/${String(theirs)}`)).toMatchObject({ status: 204 });
    expect(await other.codeFor(auth.rule())).toBe("session.revoked");
    expect(await person.ask("DELETE", `/sessions/${String(mine)}`)).toMatchObject({ status: 204 });
    expect(person.cookies.has("latchkey")).toBe(false);
  });

  test("all others end at once", async () => {
    const person = await signedIn();
    const others = [await signedIn(), await signedIn()];
    expect(json(await person.ask("DELETE", "/sessions"))).toEqual({ ended: 2 });
    for (const other of others) expect(await other.codeFor(auth.rule())).toBe("session.revoked");
    expect(await person.codeFor(auth.rule())).toBe("allowed");
  });

  test("end for one user by an operator [asvs:V7.4.5]", async () => {
    const people = [await signedIn(), await signedIn()];
    expect(await auth.sessions.revokeAll(ada)).toBe(2);
    for (const person of people) expect(await person.codeFor(auth.rule())).toBe("session.revoked");
    expect(await auth.sessions.revokeAll(ada)).toBe(0);
  });

  test("are at most as many as configured: the longest unseen ends [asvs:V7.1.2]", async () => {
    const small = await open({ sessions: { mostPerUser: 2 } });
    const { id: user } = await small.users.create({ email });
    const tokens: string[] = [];
    for (let made = 0; made < 3; made += 1, now += 1_000) tokens.push((await small.sessions.create({ user })).token);
    const codes = await Promise.all(tokens.map((token) => browser(small, new Map([["latchkey", token]])).codeFor(small.rule())));
    expect(codes).toEqual(["session.revoked", "allowed", "allowed"]);
    await small.close();
  });
});

describe("signing out", () => {
  test("ends the session on every node at once and stays so [asvs:V7.4.1]", async () => {
    const path = `${process.env.TMPDIR ?? "/tmp"}/latchkey-sessions-${process.pid}-${Math.floor(performance.now())}.db`;
    const [one, two] = [await open({ store: sqlite(path) }), await open({ store: sqlite(path) })];
    await one.users.create({ email, password });
    const person = await signedIn(one);
    const elsewhere = browser(two, person.cookies);
    expect(await elsewhere.codeFor(two.rule())).toBe("allowed");
    expect(await person.ask("POST", "/logout")).toMatchObject({ status: 204 });
    now += 2;
    expect(await elsewhere.codeFor(two.rule())).toBe("session.revoked");
    await Promise.all([one.close(), two.close()]);
    const again = await open({ store: sqlite(path) });
    expect(await browser(again, elsewhere.cookies).codeFor(again.rule())).toBe("session.revoked");
    await again.close();
  });

  test("by GET changes nothing [asvs:V3.5.3]", async () => {
    const person = await signedIn();
    expect((await person.ask("GET", "/logout")).status).toBe(405);
    expect(await person.codeFor(auth.rule())).toBe("allowed");
  });

  test("without a session, or with one that is over, is no error and clears the cookie", async () => {
    const person = browser(auth, new Map([["latchkey", "junk"]]));
    expect(await person.ask("POST", "/logout")).toMatchObject({ status: 204 });
    expect(person.cookies.has("latchkey")).toBe(false);
  });

  test("that fails is 503, takes the cookie, and is tried again until it is done [attack:SE-04] [attack:ST-05]", async () => {
    let failing = false;
    const real = sqlite(":memory:");
    const store: Store = {
      ...real,
      write: (job) => (failing ? Promise.reject(new Error("the disk is gone")) : real.write(job)),
    };
    const faults: unknown[] = [];
    const house = await open({ store, onFault: (error) => void faults.push(error) });
    await house.users.create({ email, password });
    const person = await signedIn(house);
    const kept = new Map(person.cookies);
    failing = true;
    expect(await person.ask("POST", "/logout")).toMatchObject({ status: 503, headers: { "retry-after": "1" } });
    expect(person.cookies.has("latchkey")).toBe(false);
    expect(faults).toHaveLength(1);
    failing = false;
    await house.flush();
    expect(await browser(house, kept).codeFor(house.rule())).toBe("session.revoked");
    await house.close();
  });
});

describe("options of sessions", () => {
  test("stop the start with the option's name when they cannot be used [attack:SE-10]", async () => {
    const store = sqlite(":memory:");
    const start = (options: Partial<LatchkeyOptions>) => open({ store, ...options });
    await expect(start({ sessions: { idle: "5s" } })).rejects.toThrow(/^sessions.idle: got "5s"; allowed: .*; at least 10s/);
    await expect(start({ sessions: { idle: "2d", absolute: "1d" } })).rejects.toThrow(/^sessions.absolute/);
    await expect(start({ sessions: { fresh: "soon" } })).rejects.toThrow(/^sessions.fresh/);
    await expect(start({ sessions: { trustedOrigins: ["https://app.example.com/"] } })).rejects.toThrow(/^sessions.trustedOrigins/);
    await expect(start({ secret: undefined })).rejects.toThrow(/^secret/);
    await expect(start({ secret: "short" })).rejects.toThrow(/^secret: got "5 bytes"/);
    for (const sample of [
      "change-me-change-me-change-me-change-me",
      "x".repeat(64),
      "your-secret-key-goes-here-0001-0002-0003",
      "0a1b2c3d".repeat(8),
    ]) {
      const refused = start({ secret: ["Zm9vYmFyYmF6cXV4-x81kLq0vN3tWc7RdHs", sample] });
      await expect(refused).rejects.toThrow(/^secret: got "\d+ bytes";.* no sample .*: it (?:contains|repeats|has)/);
      await expect(refused).rejects.not.toThrow(sample);
    }
    await store.close();
  });
});
