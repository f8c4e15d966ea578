import { afterEach, describe, expect, test } from "vitest";
import { madeUpMethod, verifiedAs } from "../../test/made-up-method.ts";
import type { Method, Verified } from "../contracts/index.ts";
import { guard } from "../frameworks/node/index.ts";
import { mintApiKey, type TestLatchkey, testLatchkey, type TestLatchkeyOptions, testRequest } from "../testing/index.ts";

const opened: TestLatchkey[] = [];
afterEach(async () => {
  for (const made of opened.splice(0)) await made.close();
});
async function gate(options: TestLatchkeyOptions): Promise<TestLatchkey> {
  const made = await testLatchkey(options);
  opened.push(made);
  return made;
}
const ask = async (made: TestLatchkey) => made.check(testRequest({ headers: { "x-made-up": "ada" } }), made.rule());

describe("a gate that cannot be built is not there [attack:HT-10]", () => {
  test("because a method throws while it is made", async () => {
    const broken = (): Method => {
      throw new Error("no key set");
    };
    await expect(gate({ methods: [broken] })).rejects.toThrow("no key set");
  });

  test("because two methods have one name", async () => {
    await expect(gate({ methods: [madeUpMethod().method, madeUpMethod().method] })).rejects.toThrow("made-up");
  });

  test.each([
    [{ trustProxy: ["everyone"] }, "trustProxy"],
    [{ limits: { credential: "20" } }, "limits.credential"],
    [{ cache: { seconds: 0 } }, "cache.seconds"],
    [{ issuer: "http://api.example.com" }, "issuer"],
    [{ secret: "short" }, "secret"],
  ])("because an option cannot be used: %j", async (options, name) => {
    await expect(gate(options)).rejects.toMatchObject({ code: "LATCHKEY_OPTION_INVALID", option: name });
  });

  test("and neither is a guarded route whose rule cannot be used", async () => {
    const made = await gate({});
    for (const options of [{ scope: ["a"] }, { scopes: "a" }, { scopes: [""] }, { methods: [] }, { methods: ["basci"] }, { roles: [1] }]) {
      expect(() => guard(made, options as never, () => undefined)).toThrow(expect.objectContaining({ code: "LATCHKEY_OPTION_INVALID" }));
    }
  });
});

describe("a method that breaks lets nobody in [attack:HT-10]", () => {
  const failing = {
    "throws at once": () => {
      throw new Error("broken");
    },
    rejects: () => Promise.reject(new Error("broken")),
    "answers nothing": () => undefined as unknown as Verified,
    "answers true": () => true as unknown as Verified,
    "answers an object that is neither": () => ({}) as Verified,
    "answers later with neither": () => Promise.resolve({ ok: true } as unknown as Verified),
  };
  test.each(Object.entries(failing))("when it %s", async (_, verify) => {
    const made = await gate({ methods: [madeUpMethod({ verify }).method] });
    for (let turn = 0; turn < 2; turn += 1) await expect(ask(made)).rejects.toThrow(/^broken$|^made-up answered neither/);
  });

  test("when it throws while it reads", async () => {
    const { method } = madeUpMethod();
    const reading = (): Method => ({
      ...method(),
      read: () => {
        throw new Error("broken");
      },
    });
    await expect(ask(await gate({ methods: [reading] }))).rejects.toThrow("broken");
  });
});

test("a decision that is not awaited has no principal and is not allowed", async () => {
  const { method } = madeUpMethod({ verify: async (text, at) => verifiedAs(text, at) });
  const made = await gate({ methods: [method] });
  const early = made.check(testRequest({ headers: { "x-made-up": "ada" } }), made.rule()) as { allowed?: boolean; principal?: unknown };
  expect([early.allowed, early.principal]).toEqual([undefined, undefined]);
  expect(await (early as unknown)).toMatchObject({ allowed: true });
});

test("a refused decision has no principal at all", async () => {
  const made = await gate({ methods: [madeUpMethod().method] });
  const { headers } = await mintApiKey(made);
  const denied = await made.check(testRequest({ headers }), made.rule({ scopes: ["posts:read"] }));
  expect("principal" in denied).toBe(false);
});

describe("no credential, a bad one, too little, too weak [attack:AZ-02]", () => {
  const told = async (headers: Record<string, string>, options = {}) => {
    const made = await gate({
      methods: [madeUpMethod({ scheme: "Bearer", verify: (text, at) => verifiedAs(text, at) }).method],
    });
    const minted = await mintApiKey(made, { state: headers.state === "unknown" ? "unknown" : "valid", by: "bearer", scopes: ["a"] });
    const decision = await made.check(testRequest({ headers: headers.state === undefined ? {} : minted.headers }), made.rule(options));
    const bearer = decision.allowed
      ? undefined
      : decision.challenges.find(({ scheme, parameters }) => scheme === "Bearer" && "error" in parameters);
    return decision.allowed
      ? "allowed"
      : [decision.refusal.status, bearer?.parameters.error, bearer?.parameters.scope ?? bearer?.parameters.acr_values];
  };

  test("are 401 without an error, 401 invalid_token, 403 insufficient_scope, 401 insufficient_user_authentication", async () => {
    expect(await told({})).toEqual([401, undefined, undefined]);
    expect(await told({ state: "unknown" })).toEqual([401, "invalid_token", undefined]);
    expect(await told({ state: "valid" }, { scopes: ["a", "b"] })).toEqual([403, "insufficient_scope", "a b"]);
    expect(await told({ state: "valid" }, { assurance: "mfa" })).toEqual([401, "insufficient_user_authentication", "mfa"]);
    expect(await told({ state: "valid" }, { scopes: ["a"] })).toBe("allowed");
  });
});
