import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sqlite } from "latchkey/sqlite";
import { testClock, type TestClock, testLatchkey, type TestLatchkey } from "latchkey/testing";
import { weakPasswords } from "./accounts-house.ts";

const issuer = "https://auth.example.com";
const secret = "one that all the nodes have, of 32 bytes or more";
const credentials = { email: "ada@example.com", password: "correct horse battery staple 9" };
let clock: TestClock;
let folder: string;
let nodes: TestLatchkey[];
let auth: TestLatchkey;
let user: string;

const node = async (options: Parameters<typeof testLatchkey>[0] = {}) => {
  const made = await testLatchkey({
    issuer,
    secret,
    clock,
    passwords: weakPasswords,
    store: sqlite(join(folder, "latchkey.db")),
    ...options,
  });
  nodes.push(made);
  return made;
};
beforeEach(async () => {
  clock = testClock();
  folder = mkdtempSync(join(tmpdir(), "latchkey-tokens-"));
  nodes = [];
  auth = await node();
  user = (await auth.users.create({ email: credentials.email, password: credentials.password })).id;
});
afterEach(async () => {
  await Promise.all(nodes.map((one) => one.close()));
  rmSync(folder, { recursive: true });
});

interface Body {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
  readonly code: string;
  readonly scope: string;
}
type Claims = { readonly sub: string; readonly client_id: string; readonly grant_id: string };
const post = async (path: string, body: object, headers: Record<string, string> = {}, on = auth) => {
  const answer = await on.fetch(
    new Request(`${issuer}${path}`, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json", ...headers },
    }),
  );
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: (text === "" ? {} : JSON.parse(text)) as Body };
};
const codeFor = async (token: string, on = auth) => {
  const decision = await on.check(new Request(`${issuer}/whoami`, { headers: { authorization: `Bearer ${token}` } }), {});
  return decision.allowed ? "allowed" : decision.refusal.code;
};
const refresh = (refresh_token: string, on = auth) => post("/tokens/refresh", { refresh_token }, {}, on);
const begin = async () => (await post("/tokens", credentials)).body;

describe("tokens for an app of one's own", () => {
  test("of a family that is refreshed for weeks, those that nobody could use any more are let go of", async () => {
    const first = (await begin()).refresh_token;
    let last = first;
    for (let turn = 0; turn < 130; turn += 1) {
      clock.advance(5 * 3_600_000);
      const { status, body } = await refresh(last);
      expect(status).toBe(200);
      last = body.refresh_token;
    }
    const store = sqlite(join(folder, "latchkey.db"));
    const kept = await store.database<{ latchkey_refresh_token: object }>().selectFrom("latchkey_refresh_token").selectAll().execute();
    await store.close();
    // Those of a week, and of what came since they were last looked at.
    expect(kept.length).toBeGreaterThan(33);
    expect(kept.length).toBeLessThan(33 + 32 + 2);
    expect((await refresh(first)).status).toBe(401);
    expect((await refresh(last)).status).toBe(200);
  });

  test("come of an email and a password, and stand for the person", async () => {
    auth.clock.advance(1);
    const { status, body, headers } = await post("/tokens", credentials);
    expect(status).toBe(200);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(body).toMatchObject({ token_type: "Bearer", expires_in: 900, refresh_expires_in: 7 * 86_400 });
    expect(body.refresh_token).toMatch(/^lkr_live_/);
    const decision = await auth.check(new Request(`${issuer}/x`, { headers: { authorization: `Bearer ${body.access_token}` } }), {
      scopes: ["any"],
    });
    expect(decision).toMatchObject({ allowed: true, principal: { subject: user, assurance: { amr: ["pwd"] } } });
  });

  test("do not come of a wrong password, nor of a key", async () => {
    expect((await post("/tokens", { ...credentials, password: "wrong" })).status).toBe(401);
    const { key } = await auth.apiKeys.issue({ name: "ci", owner: user });
    expect((await post("/tokens", {}, { "x-api-key": key })).status).toBe(400);
    expect((await post("/tokens", {})).status).toBe(401);
  });

  test("end with the session that they were made from", async () => {
    const session = await auth.sessions.create({ user });
    const cookie = session.cookie.split(";")[0]!;
    const { status, body } = await post("/tokens", {}, { cookie, origin: issuer });
    expect(status).toBe(200);
    expect(await codeFor(body.access_token)).toBe("allowed");
    await auth.sessions.revoke(session.record.id);
    expect(await codeFor(body.access_token)).toBe("jwt.source-ended");
    // For whoever verifies elsewhere, too: no further token comes of it.
    expect((await refresh(body.refresh_token)).status).toBe(401);
  });

  test.each([
    ["subject", (claims: Claims) => ({ subject: claims.sub })],
    ["client", (claims: Claims) => ({ client: claims.client_id })],
    ["grant", (claims: Claims) => ({ grant: claims.grant_id })],
  ] as const)("cannot be refreshed once everything of their %s was revoked; a new sign-in can", async (_name, what) => {
    const { access_token, refresh_token } = await begin();
    const claims = JSON.parse(Buffer.from(access_token.split(".")[1]!, "base64url").toString()) as Claims;
    await auth.tokens.revoke(what(claims));
    expect(await codeFor(access_token)).toBe("jwt.revoked");
    const refused = await refresh(refresh_token);
    expect([refused.status, refused.body.code]).toEqual([401, "refresh-token.invalid"]);
    const again = await begin();
    expect(await codeFor(again.access_token)).toBe("allowed");
    expect((await refresh(again.refresh_token)).status).toBe(200);
  });

  test("are stored as a digest only", async () => {
    const { refresh_token } = await begin();
    const next = (await refresh(refresh_token)).body.refresh_token;
    const store = sqlite(join(folder, "latchkey.db"));
    const rows = JSON.stringify(
      await store.database<{ latchkey_refresh_token: object }>().selectFrom("latchkey_refresh_token").selectAll().execute(),
    );
    await store.close();
    expect(rows).not.toContain(refresh_token.slice(10, 40));
    expect(rows).not.toContain(next.slice(10, 40));
  });
});

describe("refreshing", () => {
  test("uses a token up for its successor, which brings the next access token", async () => {
    const first = await begin();
    const second = await refresh(first.refresh_token);
    expect(second.status).toBe(200);
    expect(second.body.refresh_token).not.toBe(first.refresh_token);
    expect(await codeFor(second.body.access_token)).toBe("allowed");
    expect((await refresh(second.body.refresh_token)).status).toBe(200);
  });

  test("gives the same successor again within the grace, for an answer that was lost", async () => {
    const first = await begin();
    const second = await refresh(first.refresh_token);
    clock.advance(29_999);
    const again = await refresh(first.refresh_token);
    expect(again.body.refresh_token).toBe(second.body.refresh_token);
    expect((await refresh(second.body.refresh_token)).status).toBe(200);
  });

  test.each([
    ["after the grace", 30_000, false],
    ["once its successor was used", 1, true],
  ])("ends the family and its access tokens when an old token comes %s: refresh-token.reused", async (_name, laterMs, useSuccessor) => {
    const first = await begin();
    const second = await refresh(first.refresh_token);
    const last = useSuccessor ? await refresh(second.body.refresh_token) : second;
    clock.advance(laterMs);
    const stolen = await refresh(first.refresh_token);
    expect([stolen.status, stolen.body.code]).toEqual([401, "refresh-token.invalid"]);
    expect((await refresh(last.body.refresh_token)).status).toBe(401);
    expect(await codeFor(last.body.access_token)).toBe("jwt.revoked");
    expect(await codeFor(first.access_token)).toBe("jwt.revoked");
  });

  test("makes the successor of more than the token before it, which may be an old one that leaked", async () => {
    const { refresh_token } = await begin();
    const first = await refresh(refresh_token);
    const store = sqlite(join(folder, "latchkey.db"));
    await store.write<{ latchkey_refresh_token: { generation: number; used_at: number | null } }, void>(async (transaction) => {
      await transaction.deleteFrom("latchkey_refresh_token").where("generation", "=", 2).execute();
      await transaction.updateTable("latchkey_refresh_token").set({ used_at: null }).execute();
    });
    await store.close();
    const second = await refresh(refresh_token);
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(second.body.refresh_token).not.toBe(first.body.refresh_token);
  });

  test("with the grace switched off ends the family at the second use", async () => {
    const strict = await node({ jwt: { refresh: { grace: "0" } } });
    const first = await begin();
    expect((await refresh(first.refresh_token, strict)).status).toBe(200);
    expect((await refresh(first.refresh_token, strict)).status).toBe(401);
  });

  test("a hundred times at once on two nodes rotates once; the others get the same successor", async () => {
    const other = await node();
    const { refresh_token } = await begin();
    const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => refresh(refresh_token, index % 2 === 0 ? auth : other)));
    expect([...new Set(answers.map(({ status }) => status))]).toEqual([200]);
    expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1);
    const store = sqlite(join(folder, "latchkey.db"));
    const rows = await store
      .database<{ latchkey_refresh_token: { used_at: number | null } }>()
      .selectFrom("latchkey_refresh_token")
      .select("used_at")
      .execute();
    await store.close();
    expect(rows.filter(({ used_at }) => used_at === null)).toHaveLength(1);
  });

  test("ends when it was idle too long, and at the end of the family: refresh-token.expired", async () => {
    const first = await begin();
    clock.advance("7d");
    expect((await refresh(first.refresh_token)).status).toBe(401);
    let token = (await begin()).refresh_token;
    for (let day = 0; day < 29; day += 1) {
      clock.advance("1d");
      token = (await refresh(token)).body.refresh_token;
    }
    clock.advance("1d");
    expect((await refresh(token)).status).toBe(401);
  });

  test("ends for who is disabled, or has another password since", async () => {
    const [one, other] = [await begin(), await begin()];
    clock.advance("1s");
    await auth.users.setPassword(user, "another horse battery staple 7");
    expect(await codeFor(one.access_token)).toBe("jwt.revoked");
    expect((await refresh(one.refresh_token)).status).toBe(401);
    await auth.users.disable(user);
    expect((await refresh(other.refresh_token)).status).toBe(401);
  });

  test("ends the longest unused family beyond the most of one user", async () => {
    const small = await node({ jwt: { refresh: { mostFamilies: 2 } } });
    const pairs: Body[] = [];
    for (let device = 0; device < 3; device += 1) {
      clock.advance("1s");
      pairs.push((await post("/tokens", credentials, {}, small)).body);
    }
    expect((await refresh(pairs[0]!.refresh_token)).status).toBe(401);
    expect(await codeFor(pairs[0]!.access_token)).toBe("jwt.revoked");
    expect((await refresh(pairs[2]!.refresh_token)).status).toBe(200);
  });

  test.each(["", "x", "lkr_live_x", "null", "a.b.c", "' OR 1=1--"])(
    "refuses what is no refresh token: %j (refresh-token.malformed)",
    async (junk) => {
      expect([400, 401]).toContain((await refresh(junk)).status);
    },
  );

  test("refuses one that was never issued (refresh-token.unknown), and one of another client (refresh-token.wrong-client)", async () => {
    const { newToken } = await import("../src/primitives/index.ts");
    expect((await refresh(newToken({ prefix: "lkr", environment: "live" }))).body.code).toBe("refresh-token.invalid");
  });
});

describe("revoking", () => {
  test("signs the app out at once, on every node, and says nothing of what was there: refresh-token.revoked", async () => {
    const other = await node();
    const { access_token, refresh_token } = await begin();
    expect(await codeFor(access_token, other)).toBe("allowed");
    expect((await post("/tokens/revoke", { refresh_token })).status).toBe(204);
    expect((await post("/tokens/revoke", { refresh_token })).status).toBe(204);
    clock.advance(1);
    expect(await codeFor(access_token)).toBe("jwt.revoked");
    expect(await codeFor(access_token, other)).toBe("jwt.revoked");
    expect((await refresh(refresh_token, other)).status).toBe(401);
  });
});

describe("delivery in a cookie", () => {
  test("keeps the refresh token out of reach of scripts, on its own path, for pages of ours only", async () => {
    const begun = await post("/tokens", { ...credentials, delivery: "cookie" }, { origin: issuer });
    expect(begun.body.refresh_token).toBeUndefined();
    const set = begun.headers.get("set-cookie")!;
    expect(set).toMatch(/^__Secure-latchkey-refresh=lkr_live_\w+; Path=\/tokens; Max-Age=604800; HttpOnly; SameSite=Strict; Secure$/);
    const cookie = set.split(";")[0]!;
    const foreign = await post("/tokens/refresh", {}, { cookie, origin: "https://evil.example" });
    expect(foreign.status).toBe(403);
    const twice = await post("/tokens/refresh", {}, { cookie: `${cookie}; ${cookie}`, origin: issuer });
    expect(twice.status).toBe(401);
    const next = await post("/tokens/refresh", {}, { cookie, origin: issuer });
    expect(next.status).toBe(200);
    expect(next.headers.get("set-cookie")).toContain("__Secure-latchkey-refresh=lkr_live_");
    const ended = await post("/tokens/revoke", {}, { cookie: next.headers.get("set-cookie")!.split(";")[0]!, origin: issuer });
    expect(ended.headers.get("set-cookie")).toContain("Max-Age=0");
  });

  test("is not begun by a foreign page, and is one of two ways", async () => {
    expect((await post("/tokens", { ...credentials, delivery: "cookie" }, { origin: "https://evil.example" })).status).toBe(403);
    expect((await post("/tokens", { ...credentials, delivery: "pigeon" })).status).toBe(400);
  });
});

describe("the exchange", () => {
  test("gives a JWT of minutes for a named audience, that may no more than the key, and ends with it", async () => {
    const api = await node({ jwt: { audiences: ["https://api.b"] } });
    const { key, record } = await api.apiKeys.issue({ name: "ci", owner: user, scopes: ["a", "b"] });
    const swap = (body: object) => post("/tokens/exchange", body, { "x-api-key": key }, api);
    const { status, body } = await swap({ audience: "https://api.b", scopes: ["a"] });
    expect([status, body.scope, body.expires_in]).toEqual([200, "a", 300]);
    expect(await codeFor(body.access_token, api)).toBe("jwt.wrong-audience");
    expect((await swap({ audience: "https://api.b", scopes: ["c"] })).status).toBe(400);
    expect((await swap({ audience: "https://elsewhere" })).status).toBe(400);
    expect((await swap({})).status).toBe(400);
    const own = (await swap({ audience: issuer })).body.access_token;
    expect(await codeFor(own, api)).toBe("allowed");
    await api.apiKeys.revoke(record.id);
    expect(await codeFor(own, api)).toBe("jwt.source-ended");
    expect((await post("/tokens/exchange", { audience: issuer }, {}, api)).status).toBe(401);
  });

  test("of a token ends with that token", async () => {
    const { token, id } = await auth.tokens.issue({ subject: user, scopes: ["a"] });
    const { body } = await post("/tokens/exchange", { audience: issuer, scopes: ["a"] }, { authorization: `Bearer ${token}` });
    expect(await codeFor(body.access_token)).toBe("allowed");
    await auth.tokens.revoke({ id });
    expect(await codeFor(body.access_token)).toBe("jwt.revoked");
  });
});
