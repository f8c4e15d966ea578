import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { guard, type GuardedRequest } from "../frameworks/node/index.ts";
import { type ApiKeyState, actAs, mintApiKey, mintUser, testClock, testLatchkey, testPrincipal, testRequest } from "./index.ts";
import type { TestLatchkey } from "./index.ts";
import { refuseOutsideTests } from "./act-as.ts";
import { basicHeader } from "./headers.ts";

describe("a test clock", () => {
  test("stands still until it is told to go on", () => {
    const clock = testClock("2026-11-24T00:00:00Z");
    expect(clock.now()).toBe(Date.parse("2026-11-24T00:00:00Z"));
    expect(clock.advance("15m")).toBe(Date.parse("2026-11-24T00:15:00Z"));
    expect(clock.advance(1)).toBe(clock.now());
    expect(clock.set("2026-01-01T00:00:00Z")).toBe(Date.parse("2026-01-01T00:00:00Z"));
  });

  test("refuses what is no time with an example: LATCHKEY_OPTION_INVALID", () => {
    const invalid = expect.objectContaining({ code: "LATCHKEY_OPTION_INVALID" });
    expect(() => testClock("soon")).toThrow(invalid);
    expect(() => testClock().advance("a while")).toThrow(invalid);
    expect(() => testClock().advance(-1)).toThrow(invalid);
  });
});

describe("a test gate", () => {
  let auth: TestLatchkey;
  beforeEach(async () => void (auth = await testLatchkey()));
  afterEach(() => auth.close());

  const outcomeOf = async (headers: Record<string, string>) => {
    const decision = await auth.check(testRequest({ headers }), auth.rule());
    return decision.allowed ? "allowed" : decision.refusal.code;
  };

  test.each<ApiKeyState>([
    "valid",
    "expired",
    "revoked",
    "replaced",
    "damaged",
    "unknown",
    "owner-disabled",
    "owner-gone",
    "foreign-address",
  ])("makes a key that is %s, and says what the guard makes of it", async (state) => {
    for (const by of ["x-api-key", "bearer"] as const) {
      const minted = await mintApiKey(auth, { state, by });
      expect(await outcomeOf(minted.headers)).toBe(minted.outcome);
      expect(minted.outcome === "allowed").toBe(state === "valid");
    }
  });

  test("narrows a key to what is asked, whoever owns it", async () => {
    const user = await mintUser(auth);
    const { headers } = await mintApiKey(auth, { owner: user.id, scopes: ["posts:read"] });
    expect(await auth.check(testRequest({ headers }), auth.rule({ scopes: ["posts:read"] }))).toMatchObject({
      allowed: true,
      principal: { subject: user.id, scopes: ["posts:read"] },
    });
    expect(await auth.check(testRequest({ headers }), auth.rule({ scopes: ["posts:write"] }))).toMatchObject({ allowed: false });
  });

  test("remembers what was refused and what failed, and still tells the listeners given", async () => {
    const heard: unknown[] = [];
    const other = await testLatchkey({ onDecision: (event) => heard.push(event.outcome), onFault: (...fault) => heard.push(fault) });
    await other.check(testRequest(), other.rule());
    const error = new Error("x");
    other.report(error, "req_1");
    expect(other.refusals.map((event) => event.outcome)).toEqual(["request.no-credential"]);
    expect(other.faults).toEqual([error]);
    expect(heard).toEqual(["request.no-credential", [error, "req_1"]]);
    await other.close();
  });

  test("has a clock of its own, so that a key expires when the test says so", async () => {
    const { headers } = await mintApiKey(auth, { expires: "1h" });
    expect(await outcomeOf(headers)).toBe("allowed");
    auth.clock.advance("1h");
    expect(await outcomeOf(headers)).toBe("api-key.expired");
  });
});

describe("a pretended gate", () => {
  const author = testPrincipal({ scopes: ["posts:read"], roles: ["editor"] });

  test("lets its principal in without any credential, and asks the rule all the same", async () => {
    const auth = actAs(author);
    const decide = async (options: Parameters<typeof auth.rule>[0]) => {
      const decision = await auth.check(testRequest(), auth.rule(options));
      return decision.allowed ? decision.principal : decision.refusal.code;
    };
    expect(await decide({ scopes: ["posts:read"], roles: ["editor"] })).toBe(author);
    expect(await decide({ scopes: ["posts:write"] })).toBe("authorization.scope-missing");
    expect(await decide({ roles: ["admin"] })).toBe("authorization.role-missing");
    expect(await decide({ assurance: "mfa" })).toBe("authorization.assurance-missing");
    expect(await decide({ maxAge: "10m" })).toBe("authorization.sign-in-too-old");
    expect(await decide({ methods: ["session"] })).toBe("request.method-not-accepted");
    expect(() => auth.rule({ scope: ["a"] } as never)).toThrow("scope");
  });

  test("becomes somebody else, or nobody", async () => {
    const auth = actAs(author);
    const rule = auth.rule();
    auth.become(testPrincipal({ subject: "usr_other" }));
    expect(await auth.check(testRequest(), rule)).toMatchObject({ principal: { subject: "usr_other" } });
    auth.become(undefined);
    expect(await auth.check(testRequest(), rule)).toMatchObject({ allowed: false, refusal: { status: 401 } });
    expect(await auth.check(new Request("http://localhost/"), {})).toMatchObject({ allowed: false });
  });

  test("guards a route like any other gate", () => {
    const seen: string[] = [];
    const route = guard(actAs(author), {}, (request: GuardedRequest) => seen.push(request.principal.subject));
    expect(route).toBeTypeOf("function");
  });

  test.each([[{ NODE_ENV: "production", VITEST: "true" }], [{ NODE_ENV: "production" }], [{ NODE_ENV: "development" }], [{}]])(
    "refuses to be made outside a test: %j, LATCHKEY_TESTS_ONLY",
    (environment) => {
      expect(() => refuseOutsideTests(environment)).toThrow(expect.objectContaining({ code: "LATCHKEY_TESTS_ONLY" }));
    },
  );

  test.each([[{ NODE_ENV: "test" }], [{ VITEST: "true" }], [{ JEST_WORKER_ID: "1" }], [{ NODE_TEST_CONTEXT: "child-v8" }]])(
    "is made where a test runs: %j",
    (environment) => expect(() => refuseOutsideTests(environment)).not.toThrow(),
  );

  test("knows nothing of a request from another machine", async () => {
    const auth = actAs(author);
    expect(() => auth.check(testRequest({ peerAddress: "203.0.113.7" }), auth.rule())).toThrow(
      expect.objectContaining({ code: "LATCHKEY_TESTS_ONLY" }),
    );
    expect(await auth.check(testRequest({ peerAddress: "::ffff:127.0.0.1" }), auth.rule())).toMatchObject({ allowed: true });
  });

  test("says by name which room it does not have", () => {
    expect(() => actAs(author).apiKeys).toThrow("no apiKeys");
  });

  test("is still a value that can be awaited and printed", async () => {
    expect(await Promise.resolve(actAs(author))).toHaveProperty("become");
  });
});

test("a Basic header is UTF-8 in base64", () => {
  expect(basicHeader("ada", "pä:ss")).toEqual({ authorization: `Basic ${Buffer.from("ada:pä:ss").toString("base64")}` });
});
