import { array, assert, property, stringMatching } from "fast-check";
import { describe, expect, test } from "vitest";
import { Secret } from "../../primitives/index.ts";
import { compileRule } from "../../guard/index.ts";
import { isPromise, type Principal, type RuleOptions } from "../../contracts/index.ts";
import { testPrincipal, testRequest } from "../../testing/index.ts";
import { authorizer } from "./index.ts";

const at = Date.parse("2026-11-24T00:00:00Z");

function ask(facts: Partial<Principal>, options: RuleOptions) {
  const verified = {
    principal: testPrincipal({ authenticatedAt: at, ...facts }),
    sessionId: undefined,
    grantId: undefined,
    cacheUntil: 0,
    allowedAddresses: undefined,
    rateLimit: undefined,
  };
  const credential = { method: "api-key", secret: new Secret("x"), scheme: "Bearer", hint: "" };
  const answer = authorizer(() => undefined)(verified, {
    view: testRequest(),
    rule: compileRule(options, ["api-key"], "rule1"),
    at,
    address: "",
    credential,
    digest: "",
  });
  // Only a rule with `can` waits.
  if (isPromise(answer)) throw new Error("waits");
  return answer;
}

describe("scopes", () => {
  test("are all needed, each exactly", () => {
    expect(ask({ scopes: ["a", "b", "c"] }, { scopes: ["c", "a"] })).toBeUndefined();
    expect(ask({ scopes: ["a"] }, { scopes: ["a", "b"] })).toMatchObject({
      code: "authorization.scope-missing",
      status: 403,
      bearerError: "insufficient_scope",
      detail: "lacks b",
      challengeParameters: { scope: "a b" },
    });
  });

  test.each([
    ["orders:read", "orders:read:all"],
    ["orders:read:all", "orders:read"],
    ["orders:*", "orders:read"],
    ["*", "orders:read"],
    ["order", "orders:read"],
    ["Orders:Read", "orders:read"],
    ["orders:read,orders:write", "orders:write"],
    ["orders:read\torders:write", "orders:write"],
    ["orders:read\u00a0orders:write", "orders:write"],
    ["orders:read orders:write", "orders:write"],
    ["__proto__", "constructor"],
  ])("%j is not %j [attack:AZ-01]", (held, needed) => {
    expect(ask({ scopes: [held] }, { scopes: [needed] })).toMatchObject({ code: "authorization.scope-missing" });
  });

  test.each(["orders:read orders:write", "a\tb", "a\nb", "a\u00a0b", 'a"b', "a\\b", "", "ä"])(
    "a rule cannot ask for %j, which no scope can be [attack:AZ-01]",
    (scope) => expect(() => ask({}, { scopes: [scope] })).toThrow(expect.objectContaining({ code: "LATCHKEY_OPTION_INVALID" })),
  );

  test("let in exactly whoever holds a superset", () => {
    const names = array(stringMatching(/^[a-c]{1,2}$/), { maxLength: 4 });
    assert(
      property(names, names, (held, needed) => {
        const missing = needed.filter((scope) => !held.includes(scope));
        expect(ask({ scopes: held }, { scopes: needed })?.code).toBe(missing.length === 0 ? undefined : "authorization.scope-missing");
      }),
    );
  });
});

describe("roles", () => {
  test("one of them is enough, none is not: authorization.role-missing", () => {
    expect(ask({ roles: ["editor"] }, { roles: ["admin", "editor"] })).toBeUndefined();
    expect(ask({ roles: ["edit", "Editor", "editor:all"] }, { roles: ["editor"] })).toMatchObject({
      code: "authorization.role-missing",
      status: 403,
      detail: "needs one of the roles editor",
    });
  });

  test("are no scopes, and scopes no roles", () => {
    expect(ask({ scopes: ["editor"] }, { roles: ["editor"] })).toBeDefined();
    expect(ask({ roles: ["editor"] }, { scopes: ["editor"] })).toBeDefined();
  });
});

describe("the proof", () => {
  test("must be as strong as asked: authorization.assurance-missing with acr_values (RFC 9470)", () => {
    expect(ask({ assurance: { acr: "mfa", amr: [] } }, { assurance: "mfa" })).toBeUndefined();
    for (const acr of [undefined, "", "pwd", "mfa2"]) {
      expect(ask({ assurance: { acr, amr: ["mfa"] } }, { assurance: "mfa" })).toMatchObject({
        code: "authorization.assurance-missing",
        status: 401,
        bearerError: "insufficient_user_authentication",
        challengeParameters: { acr_values: "mfa" },
      });
    }
  });

  test("must be as fresh as asked, to the millisecond: authorization.sign-in-too-old with max_age", () => {
    expect(ask({ authenticatedAt: at - 600_000 }, { maxAge: "10m" })).toBeUndefined();
    expect(ask({ authenticatedAt: at - 600_001 }, { maxAge: "10m" })).toMatchObject({
      code: "authorization.sign-in-too-old",
      status: 401,
      challengeParameters: { max_age: "600" },
    });
  });
});
