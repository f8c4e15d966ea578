import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createLatchkey, type Latchkey, type RequestView, type Store } from "latchkey";
import { kysely } from "latchkey/kysely";
import { sqlite } from "latchkey/sqlite";
import { postgresDialect, sqliteDialect } from "./dialects.ts";
import { patientPostgres } from "./patient-postgres.ts";
import { clearPostgres, describeWithPostgres, emptyPostgres } from "./services.ts";

/** A request as an adapter would present it. */
function request(
  headers: Readonly<Record<string, string | readonly string[]>>,
  target = "/whoami",
  peerAddress = "127.0.0.1",
): RequestView {
  return {
    method: "GET",
    target,
    requestId: `req_test_${(requests += 1)}`,
    peerAddress,
    encrypted: false,
    header: (name) => headers[name],
    body: () => Promise.resolve(new Uint8Array()),
  };
}

let requests = 0;

describe("API keys on SQLite", () => {
  apiKeyTests(() => sqlite(":memory:"));
});

describeWithPostgres("API keys on PostgreSQL", () => {
  let url: string;
  beforeAll(async () => void (url = await emptyPostgres()));
  apiKeyTests(async () => {
    await clearPostgres(url);
    return patientPostgres(url);
  });
});

describe("API keys on a Kysely dialect of SQLite", () => {
  apiKeyTests(() => kysely(sqliteDialect(":memory:")));
});

describeWithPostgres("API keys on a Kysely dialect of PostgreSQL", () => {
  let url: string;
  beforeAll(async () => void (url = await emptyPostgres()));
  apiKeyTests(async () => {
    await clearPostgres(url);
    return kysely(postgresDialect(url, Number));
  });

  test("a key that is revoked on one node is refused on the other, which looks twice a second", async () => {
    await clearPostgres(url);
    const open = () =>
      createLatchkey({
        issuer: "http://localhost:3000",
        store: kysely(postgresDialect(url, Number)),
        secret: "a test secret of at least 32 bytes",
      });
    const [one, other] = await Promise.all([open(), open()]);
    const { key, record } = await one.apiKeys.issue({ name: "ci" });
    const seen = async () => (await other.check(request({ "x-api-key": key }), other.rule())).allowed;
    expect(await seen()).toBe(true);
    await one.apiKeys.revoke(record.id);
    await expect.poll(seen, { timeout: 5_000 }).toBe(false);
    await Promise.all([one.close(), other.close()]);
  });
});

function apiKeyTests(openStore: () => Store | Promise<Store>): void {
  let now = Date.parse("2026-11-24T00:00:00Z");
  let auth: Latchkey;

  beforeEach(async () => {
    now = Date.parse("2026-11-24T00:00:00Z");
    auth = await createLatchkey({
      issuer: "http://localhost:3000",
      store: await openStore(),
      secret: "a test secret of at least 32 bytes",
      clock: { now: () => now },
      apiKeys: { importedPrefixes: ["sk_live_"] },
    });
  });

  afterEach(() => auth.close());

  const codeFor = async (view: RequestView, rule = auth.rule()) => {
    const decision = await auth.check(view, rule);
    return decision.allowed ? "allowed" : decision.refusal.code;
  };

  describe("a good key", () => {
    test("is let in by X-API-Key and by Bearer in any case, and gives a frozen principal", async () => {
      const { key, record } = await auth.apiKeys.issue({ name: "ci", scopes: ["posts:read"] });
      const ways: Record<string, string>[] = [
        { "x-api-key": key },
        { authorization: `Bearer ${key}` },
        { authorization: `bEARER   ${key}` },
      ];
      for (const headers of ways) {
        const decision = await auth.check(request(headers), auth.rule({ scopes: ["posts:read"] }));
        expect(decision).toMatchObject({ allowed: true, principal: { subject: record.id, kind: "service", method: "api-key" } });
        expect(decision.allowed && Object.isFrozen(decision.principal)).toBe(true);
      }
    });

    test("is decided at once when it is warm", async () => {
      const { key } = await auth.apiKeys.issue({ name: "ci" });
      const rule = auth.rule();
      await auth.check(request({ "x-api-key": key }), rule);
      expect(auth.check(request({ "x-api-key": key }), rule)).toMatchObject({ allowed: true });
    });

    test("is stored as a hash only [attack:AK-01]", async () => {
      const { key, record } = await auth.apiKeys.issue({ name: "ci" });
      const shown = JSON.stringify([await auth.apiKeys.find(record.id), await auth.apiKeys.list()]);
      expect(shown).not.toContain(key);
      expect(shown).not.toContain(key.slice(8, 40));
    });

    test("says when it was last used, without a write per request", async () => {
      const { key, record } = await auth.apiKeys.issue({ name: "ci" });
      await auth.check(request({ "x-api-key": key }, "/whoami", "203.0.113.7"), auth.rule());
      expect(await auth.apiKeys.find(record.id)).toMatchObject({ lastUsedAt: now, lastUsedFrom: "203.0.113.7" });
    });
  });

  describe("a key that is not good", () => {
    test("is refused from the next request after it was revoked, and stays indistinguishable from an unknown one [attack:AK-06]", async () => {
      const { key, record } = await auth.apiKeys.issue({ name: "ci" });
      expect(await codeFor(request({ "x-api-key": key }))).toBe("allowed");
      expect(await auth.apiKeys.revoke(record.id)).toBe(true);
      const revoked = await auth.handle(request({ "x-api-key": key }));
      expect(revoked?.status).toBe(401);
      expect(JSON.parse(String(revoked?.body))).toMatchObject({ code: "api-key.invalid" });
      expect(await codeFor(request({ "x-api-key": key }))).toBe("api-key.revoked");
      expect(await auth.apiKeys.revoke(record.id)).toBe(false);
    });

    test("is told when it has expired, at the instant it expires", async () => {
      const { key } = await auth.apiKeys.issue({ name: "ci", expires: "1h" });
      now += 3_600_000 - 1;
      expect(await codeFor(request({ "x-api-key": key }))).toBe("allowed");
      now += 1;
      expect(await codeFor(request({ "x-api-key": key }))).toBe("api-key.expired");
    });

    test.each(["null", "undefined", "[object Object]", "", " ", "%00", "' OR 1=1--", "*", '{"$ne":null}', "x".repeat(1_000_000)])(
      "is refused when it is junk: %.40s [attack:AK-08]",
      async (junk) => expect(await codeFor(request({ "x-api-key": junk }))).toBe("api-key.damaged"),
    );

    test("is refused for a wrong checksum without asking the store", async () => {
      const { key } = await auth.apiKeys.issue({ name: "ci" });
      const damaged = key.slice(0, -1) + (key.endsWith("A") ? "B" : "A");
      expect(await codeFor(request({ "x-api-key": damaged }))).toBe("api-key.damaged");
    });

    test("is refused when it is sent twice, in two lines or in one [attack:AK-02]", async () => {
      const { key } = await auth.apiKeys.issue({ name: "ci" });
      expect(await codeFor(request({ "x-api-key": [key, key] }))).toBe("api-key.malformed");
      expect(await codeFor(request({ "x-api-key": `${key}, ${key}` }))).toBe("api-key.malformed");
      expect(await codeFor(request({ "x-api-key": key, authorization: `Bearer ${key}` }))).toBe("api-key.malformed");
      expect(await codeFor(request({ "x-api-key": key, authorization: "Basic YTpi" }))).toBe("request.several-credentials");
      expect(await codeFor(request({ authorization: ["Bearer x", `Bearer ${key}`] }))).toBe("request.several-credentials");
    });

    test.each(["api_key", "access_token", "API_KEY", "api%5Fkey"])("is refused in the query string as %s [attack:AK-05]", async (name) => {
      const { key } = await auth.apiKeys.issue({ name: "ci" });
      expect(await codeFor(request({ "x-api-key": key }, `/whoami?a=b&${name}=${key}`))).toBe("request.credential-in-query");
    });
  });

  describe("limits of a key", () => {
    test("are its scopes, exactly [attack:AZ-01] [attack:AZ-02]", async () => {
      const { key } = await auth.apiKeys.issue({ name: "ci", scopes: ["orders:read", "Posts:read"] });
      for (const scope of ["orders:read:all", "order", "orders:*", "posts:read"]) {
        expect(await codeFor(request({ "x-api-key": key }), auth.rule({ scopes: [scope] }))).toBe("authorization.scope-missing");
      }
    });

    test("are its addresses, on warm requests too", async () => {
      const { key } = await auth.apiKeys.issue({ name: "ci", allowedAddresses: ["203.0.113.0/24", "2001:db8::/32"] });
      expect(await codeFor(request({ "x-api-key": key }, "/whoami", "203.0.113.9"))).toBe("allowed");
      expect(await codeFor(request({ "x-api-key": key }, "/whoami", "::ffff:203.0.113.9"))).toBe("allowed");
      expect(await codeFor(request({ "x-api-key": key }, "/whoami", "203.0.114.9"))).toBe("address.not-allowed");
      expect(await codeFor(request({ "x-api-key": key }, "/whoami", ""))).toBe("address.not-allowed");
    });

    test("are its own rate, which is full again after the window", async () => {
      const { key } = await auth.apiKeys.issue({ name: "ci", rateLimit: "2/1m" });
      const rule = auth.rule();
      const codes = [];
      for (let turn = 0; turn < 3; turn += 1) codes.push(await codeFor(request({ "x-api-key": key }), rule));
      expect(codes).toEqual(["allowed", "allowed", "rate-limit.exceeded"]);
      now += 60_000;
      expect(await codeFor(request({ "x-api-key": key }), rule)).toBe("allowed");
    });

    test("hold against guessing: beyond the limit an address is not even verified", async () => {
      const codes = [];
      for (let turn = 0; turn < 101; turn += 1) codes.push(await codeFor(request({ "x-api-key": `junk${turn}` })));
      expect(codes.slice(0, 100).every((code) => code === "api-key.damaged")).toBe(true);
      expect(codes[100]).toBe("rate-limit.attempts");
      expect(await codeFor(request({ "x-api-key": "junk" }, "/whoami", "192.0.2.1"))).toBe("api-key.damaged");
    });
  });

  describe("rotation", () => {
    test("lets the old secret work until the overlap is over, under the same id", async () => {
      const { key, record } = await auth.apiKeys.issue({ name: "ci" });
      const rotated = await auth.apiKeys.rotate(record.id, { overlap: "1h" });
      expect(rotated?.record.id).toBe(record.id);
      expect(await codeFor(request({ "x-api-key": key }))).toBe("allowed");
      now += 3_600_000;
      expect(await codeFor(request({ "x-api-key": key }))).toBe("api-key.replaced");
      expect(await codeFor(request({ "x-api-key": rotated!.key }))).toBe("allowed");
    });

    test("refuses a key that is revoked or unknown", async () => {
      const { record } = await auth.apiKeys.issue({ name: "ci" });
      await auth.apiKeys.revoke(record.id);
      expect(await auth.apiKeys.rotate(record.id)).toBeUndefined();
      expect(await auth.apiKeys.rotate("key_unknown")).toBeUndefined();
    });
  });

  describe("import", () => {
    test("refuses a hash that is no SHA-256, and a prefix that is not configured", async () => {
      await expect(auth.apiKeys.import({ name: "old", sha256: "4a0b6a6f", prefix: "sk_live_" })).rejects.toThrow("sha256");
      await expect(auth.apiKeys.import({ name: "old", sha256: "0".repeat(64), prefix: "pk_" })).rejects.toThrow("importedPrefixes");
    });

    test("lets a key that was hashed elsewhere in as it is", async () => {
      const { createHash } = await import("node:crypto");
      const key = "sk_live_abc123xyz789";
      await auth.apiKeys.import({ name: "old", sha256: createHash("sha256").update(key).digest("hex"), prefix: "sk_live_" });
      expect(await codeFor(request({ "x-api-key": key }))).toBe("allowed");
      expect(await codeFor(request({ authorization: `Bearer ${key}` }))).toBe("allowed");
      expect(await codeFor(request({ "x-api-key": "sk_live_other" }))).toBe("api-key.unknown");
    });
  });

  describe("options", () => {
    test.each([
      [{ name: "" }, "name"],
      [{ name: "x", scopes: ["a b"] }, "scopes"],
      [{ name: "x", allowedAddresses: ["10.0.0.0/99"] }, "allowedAddresses"],
      [{ name: "x", expires: "-1d" }, "expires"],
      [{ name: "x", expires: "1 fortnight" }, "expires"],
      [{ name: "x", rateLimit: "1000" }, "rateLimit"],
      [{ name: "x", owner: "usr_01jq0000000000000000000000" }, "owner"],
    ])("that cannot be used are refused with their name and an example: %j", async (options, name) => {
      await expect(auth.apiKeys.issue(options)).rejects.toThrow(new RegExp(`^${name}: got .* Example: `));
    });

    test("of a rule are checked when it is built, misspelt ones included", () => {
      expect(() => auth.rule({ scope: ["a"] } as never)).toThrow("scope");
      expect(() => auth.rule({ methods: ["cookie"] })).toThrow("methods");
      expect(() => auth.rule({ rateLimit: "5" })).toThrow("rateLimit");
      expect(() => auth.rule({ maxAge: "soon" })).toThrow("maxAge");
    });
  });

  describe("explain", () => {
    test("tells the operator which check failed and why, and shows no secret", async () => {
      const { key, record } = await auth.apiKeys.issue({ name: "ci" });
      await auth.apiKeys.revoke(record.id);
      const view = request({ "x-api-key": key });
      await auth.check(view, auth.rule());
      await auth.flush();
      const event = await auth.explain(view.requestId);
      expect(event).toMatchObject({ outcome: "api-key.revoked", checks: ["attempts", "verify"], path: "/whoami" });
      expect(JSON.stringify(event)).not.toContain(key);
    });

    test("knows what was let in", async () => {
      const { key, record } = await auth.apiKeys.issue({ name: "ci" });
      const view = request({ "x-api-key": key });
      await auth.check(view, auth.rule());
      expect(await auth.explain(view.requestId)).toMatchObject({ outcome: "allowed", principal: { credentialId: record.id } });
      expect(await auth.explain("req_never")).toBeUndefined();
    });
  });
}
