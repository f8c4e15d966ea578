import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createLatchkey, type Latchkey, type LatchkeyOptions, type RequestView, type RuleOptions, type SourceUser } from "latchkey";
import { sqlite } from "latchkey/sqlite";
import { weakPasswords } from "./accounts-house.ts";

let now = 0;
let auth: Latchkey;
let requests = 0;

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
});
afterEach(() => auth.close());

interface Sent extends Partial<Pick<RequestView, "peerAddress" | "encrypted">> {
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

function request(authorization: string | readonly string[] | undefined, sent: Sent = {}): RequestView {
  const headers = { ...sent.headers, ...(authorization === undefined ? {} : { authorization }) };
  return {
    method: "GET",
    target: "/whoami",
    requestId: `req_test_${(requests += 1)}`,
    peerAddress: sent.peerAddress ?? "127.0.0.1",
    encrypted: sent.encrypted ?? false,
    header: (name) => (headers as Record<string, string | readonly string[]>)[name],
    body: () => Promise.resolve(new Uint8Array()),
  };
}

const basic = (text: string | Uint8Array) => `Basic ${Buffer.from(text).toString("base64")}`;
const codeFor = async (authorization: string | readonly string[] | undefined, sent?: Sent) => {
  const decision = await auth.check(request(authorization, sent), auth.rule());
  return decision.allowed ? "allowed" : decision.refusal.code;
};
const challengeFor = async (sent: Sent = {}, gate = auth) => {
  const answer = await gate.handle(request(undefined, sent));
  expect(answer?.status).toBe(401);
  return String(answer?.headers["www-authenticate"]);
};

describe("user and password", () => {
  test("give a principal of the user with its roles", async () => {
    const { id } = await auth.users.create({ email: "ada@example.com", password: "four quiet grey horses", roles: ["editor"] });
    const decision = await auth.check(request(basic("ADA@example.com:four quiet grey horses")), auth.rule({ roles: ["editor"] }));
    expect(decision).toMatchObject({
      allowed: true,
      principal: { subject: id, kind: "user", method: "basic", roles: ["editor"], assurance: { amr: ["pwd"] } },
    });
  });

  test("are the person itself, whom scopes do not limit, and roles and can do", async () => {
    await auth.users.create({ email: "ada@example.com", password: "four quiet grey horses", roles: ["editor"] });
    const header = basic("ada@example.com:four quiet grey horses");
    const outcomeOf = async (rule: RuleOptions) => {
      const decision = await auth.check(request(header), auth.rule(rule));
      return decision.allowed ? "allowed" : decision.refusal.code;
    };
    expect(await outcomeOf({ scopes: ["posts:read"] })).toBe("allowed");
    expect(await outcomeOf({ scopes: ["posts:read"], roles: ["admin"] })).toBe("authorization.role-missing");
    expect(await outcomeOf({ scopes: ["posts:read"], permission: "posts:delete" })).toBe("authorization.permission-missing");
    expect(await outcomeOf({ scopes: ["posts:read"], can: () => false })).toBe("authorization.may-not");
  });

  test("may make a key of any scope and of no role that the person has not", async () => {
    await auth.users.create({ email: "ada@example.com", password: "four quiet grey horses", roles: ["editor"] });
    const headers = { "content-type": "application/json" };
    const make = async (wanted: object) => {
      const asked = request(basic("ada@example.com:four quiet grey horses"), { headers });
      const body = Buffer.from(JSON.stringify({ name: "ci", ...wanted }));
      const answer = await auth.handle({ ...asked, method: "POST", target: "/keys", body: () => Promise.resolve(body) });
      return answer?.status;
    };
    expect(await make({ scopes: ["posts:read"], roles: ["editor"] })).toBe(201);
    expect(await make({ roles: ["admin"] })).toBe(403);
  });

  test("that a browser sends along from a page of another site change nothing: csrf.foreign-page", async () => {
    await auth.users.create({ email: "ada@example.com", password: "four quiet grey horses" });
    const ask = async (method: string, headers: Record<string, string>) => {
      const asked = request(basic("ada@example.com:four quiet grey horses"), { headers });
      const decision = await auth.check({ ...asked, method }, auth.rule());
      return decision.allowed ? "allowed" : decision.refusal.code;
    };
    const elsewhere: Record<string, string>[] = [
      { origin: "https://evil.example" },
      { "sec-fetch-site": "cross-site" },
      { origin: "null" },
    ];
    for (const headers of elsewhere) {
      expect(await ask("POST", headers)).toBe("csrf.foreign-page");
      expect(await ask("GET", headers)).toBe("allowed");
    }
    const form = { "content-type": "application/x-www-form-urlencoded" };
    expect(await ask("POST", form)).toBe("allowed");
    expect(await ask("POST", { ...form, origin: "http://localhost:3000", "sec-fetch-site": "same-origin" })).toBe("allowed");
  });

  test("are split at the first colon, so that a password may hold more [attack:BA-01]", async () => {
    await auth.users.create({ email: "alice@example.com", password: "pa:ss:wo:rd" });
    expect(await codeFor(basic("alice@example.com:pa:ss:wo:rd"))).toBe("allowed");
    expect(await codeFor(basic("alice@example.com:pa"))).toBe("password.wrong");
  });

  test("are read as UTF-8, and Latin-1 is refused instead of repaired [attack:BA-02]", async () => {
    await auth.users.create({ email: "älice@example.com", password: "pä€ss und wörter" });
    expect(await codeFor(basic("älice@example.com:pä€ss und wörter"))).toBe("allowed");
    expect(await codeFor(basic(Buffer.from("älice@example.com:pä€ss und wörter", "latin1")))).toBe("basic.malformed");
    expect(await challengeFor()).toContain('Basic realm="api", charset="UTF-8"');
  });

  test("do not become equal by invalid bytes [attack:BA-03]", async () => {
    await auth.users.create({ email: "x@example.com", password: "pass \uFFFD word of hers" });
    for (const byte of [0xff, 0xfe]) {
      const bytes = Buffer.concat([Buffer.from("x@example.com:pass "), Buffer.from([byte]), Buffer.from(" word of hers")]);
      expect(await codeFor(basic(bytes))).toBe("basic.malformed");
    }
    expect(await codeFor(basic("x@example.com:pass \uFFFD word of hers"))).toBe("allowed");
  });

  test("are found under any spelling of the scheme, and junk is refused with a challenge [attack:BA-04]", async () => {
    await auth.users.create({ email: "ada@example.com", password: "four quiet grey horses" });
    const good = Buffer.from("ada@example.com:four quiet grey horses").toString("base64");
    expect(good).toMatch(/=$/);
    for (const header of [`basic ${good}`, `BASIC ${good}`, `Basic  ${good}`]) expect(await codeFor(header)).toBe("allowed");
    const url = Buffer.from("ada@example.com:>>>???").toString("base64url");
    const junk = ["Basic", "Basic ", "Basic =", `Basic ${good.replace(/=+$/, "")}`, `Basic ${good.slice(0, 8)} ${good.slice(8)}`].concat([
      `Basic ${url}`,
      `Basic ${good}=`,
      `Basic ${"A".repeat(200 * 1024)}`,
      "Basic ####",
    ]);
    for (const header of junk) {
      expect(await codeFor(header)).toBe("basic.malformed");
      const answer = await auth.handle(request(header));
      expect(answer).toMatchObject({ status: 401, headers: { "www-authenticate": expect.stringContaining("Basic realm=") as string } });
    }
    expect(await codeFor(`Basic\t${good}`)).toBe("request.unknown-credential");
  });

  test.each(["no colon", ":password", "user:", "us\u0000er:password", "user:pass\u007fword", "user:pass\rword", "us\ner:password"])(
    "are refused when they are none: %j [attack:BA-05]",
    async (text) => expect(await codeFor(basic(text))).toBe("basic.malformed"),
  );

  test("are refused when they come twice or beside another credential", async () => {
    const header = basic("ada@example.com:four quiet grey horses");
    expect(await codeFor([header, header])).toBe("request.several-credentials");
    expect(await codeFor(`${header}, ${header}`)).toBe("request.several-credentials");
    expect(await codeFor(header, { headers: { "x-api-key": "lk_live_x" } })).toBe("request.several-credentials");
  });

  test("are refused above 1024 bytes, before anything is hashed [attack:PW-02]", async () => {
    expect(await codeFor(basic(`ada@example.com:${"x".repeat(1_025)}`))).toBe("password.malformed");
  });
});

describe("the id and the secret of a client", () => {
  const service = { name: "billing", grants: ["client_credentials"], scopes: ["posts:read"], roles: ["robot"] };

  test("give a principal of the client with its scopes and roles, not in person", async () => {
    const { client, secret } = await auth.clients.create(service);
    const header = basic(`${client.id}:${secret}`);
    expect(await auth.check(request(header), auth.rule({ scopes: ["posts:read"], roles: ["robot"], maxAge: "1s" }))).toMatchObject({
      allowed: true,
      principal: { subject: client.id, kind: "client", method: "basic", scopes: ["posts:read"], roles: ["robot"] },
    });
    const beyond = await auth.check(request(header), auth.rule({ scopes: ["posts:write"] }));
    expect(beyond).toMatchObject({ allowed: false, refusal: { code: "authorization.scope-missing" } });
  });

  test("are decided at once when they were right a moment ago, and no longer than they hold", async () => {
    const { client, secret } = await auth.clients.create(service);
    const header = basic(`${client.id}:${secret}`);
    expect(await codeFor(header)).toBe("allowed");
    expect(auth.check(request(header), auth.rule())).toMatchObject({ allowed: true });
    const rotated = await auth.clients.rotateSecret(client.id, { overlap: "30s" });
    expect(await codeFor(header)).toBe("allowed");
    now += 30_000;
    expect(await codeFor(header)).toBe("basic.client-refused");
    const newer = basic(`${client.id}:${rotated!.secret}`);
    expect(await codeFor(newer)).toBe("allowed");
    await auth.clients.delete(client.id);
    expect(await codeFor(newer)).toBe("basic.client-refused");
  });

  test("let nobody in who is wrong or unknown: basic.client-refused", async () => {
    const { client } = await auth.clients.create(service);
    const other = await auth.clients.create(service);
    for (const presented of [
      `${client.id}:${other.secret}`,
      `${client.id}:x`,
      `cli_unknown:${other.secret}`,
      `${client.id}:${other.secret}:`,
    ])
      expect(await codeFor(basic(presented))).toBe("basic.client-refused");
  });

  test("are told to the operator as refused of this client", async () => {
    const { client } = await auth.clients.create(service);
    await codeFor(basic(`${client.id}:wrong`));
    await auth.flush();
    expect(await auth.audit.list({ subject: client.id, outcome: "basic.client-refused" })).toHaveLength(1);
  });
});

describe("the way it comes", () => {
  const header = basic("ada@example.com:four quiet grey horses");
  beforeEach(() => auth.users.create({ email: "ada@example.com", password: "four quiet grey horses" }));

  test("must be https or this machine, also when the password is remembered", async () => {
    expect(await codeFor(header)).toBe("allowed");
    expect(await codeFor(header, { peerAddress: "203.0.113.7" })).toBe("basic.insecure");
    expect(await codeFor(header, { peerAddress: "203.0.113.7", encrypted: true })).toBe("allowed");
    expect(await codeFor(header, { peerAddress: "::1" })).toBe("allowed");
  });

  test("is not believed of a stranger who says https, nor of a proxy on this machine that nobody trusts [attack:HT-08]", async () => {
    const forwarded = { "x-forwarded-proto": "https", "x-forwarded-for": "198.51.100.1" };
    expect(await codeFor(header, { peerAddress: "203.0.113.7", headers: forwarded })).toBe("basic.insecure");
    expect(await codeFor(header, { headers: forwarded })).toBe("basic.insecure");
    expect(await codeFor(header, { headers: { forwarded: "for=198.51.100.1" } })).toBe("basic.insecure");
  });

  test("is believed of a trusted proxy, when every hop was https", async () => {
    const proxied = await open({ trustProxy: ["10.0.0.0/8"] });
    await proxied.users.create({ email: "ada@example.com", password: "four quiet grey horses" });
    const ask = async (headers: Record<string, string>) => {
      const decision = await proxied.check(request(header, { peerAddress: "10.0.0.1", headers }), proxied.rule());
      return decision.allowed ? "allowed" : decision.refusal.code;
    };
    expect(await ask({ "x-forwarded-proto": "https" })).toBe("allowed");
    expect(await ask({ "x-forwarded-proto": "https, https" })).toBe("allowed");
    for (const proto of ["http", "http, https", "https, http", ""])
      expect(await ask({ "x-forwarded-proto": proto })).toBe("basic.insecure");
    expect(await ask({})).toBe("basic.insecure");
    await proxied.close();
  });

  test("decides whether Basic is offered", async () => {
    expect(await challengeFor({ peerAddress: "203.0.113.7" })).not.toContain("Basic");
    expect(await challengeFor({ peerAddress: "203.0.113.7", encrypted: true })).toContain("Basic");
  });
});

describe("the challenge", () => {
  test("quotes the realm", async () => {
    const quoted = await open({ basic: { realm: 'the "inner" \\ room' } });
    expect(await challengeFor({}, quoted)).toContain('Basic realm="the \\"inner\\" \\\\ room", charset="UTF-8"');
    await quoted.close();
  });

  test("refuses a realm that no header can hold, and other options that cannot be used", async () => {
    for (const wrong of [
      { realm: "räume" },
      { realm: "a\r\nb" },
      { realm: "" },
      { cacheSeconds: -1 },
      { cacheSeconds: 0.5 },
      { cacheSeconds: 1e9 },
    ])
      await expect(open({ basic: wrong })).rejects.toMatchObject({ code: "LATCHKEY_OPTION_INVALID" });
  });

  test("does not reach a browser's fetch where a session would do, so that no dialog opens", async () => {
    const browser: Record<string, string>[] = [
      { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" },
      { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" },
      { "x-requested-with": "XMLHttpRequest" },
    ];
    for (const headers of browser) {
      expect(await challengeFor({ headers })).not.toContain("Basic");
      // Where no session would do, the password is the way, and the dialog is wanted.
      const decision = await auth.check(request(undefined, { headers }), auth.rule({ methods: ["basic"] }));
      expect(decision).toMatchObject({ allowed: false, challenges: [{ scheme: "Basic" }] });
    }
    expect(await challengeFor({ headers: { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" } })).toContain("Basic");
    expect(await challengeFor()).toContain("Basic");
  });

  test("and the method are gone when Basic is turned off", async () => {
    const without = await open({ basic: false });
    expect(await challengeFor({}, without)).not.toContain("Basic");
    const decision = await without.check(request(basic("ada@example.com:x")), without.rule());
    expect(decision).toMatchObject({ allowed: false, refusal: { code: "request.unknown-credential" } });
    await without.close();
  });
});

describe("a right password", () => {
  const header = basic("ada@example.com:four quiet grey horses");
  let id: string;
  beforeEach(async () => {
    ({ id } = await auth.users.create({ email: "ada@example.com", password: "four quiet grey horses" }));
  });

  test("is remembered for a short while, and decided at once then", async () => {
    const rule = auth.rule();
    await auth.check(request(header), rule);
    now += 59_999;
    expect(auth.check(request(header), rule)).toMatchObject({ allowed: true });
    now += 1;
    const asked = auth.check(request(header), rule);
    expect(asked).toBeInstanceOf(Promise);
    await asked;
  });

  test("satisfies a rule on the age of the proof each time it is sent", async () => {
    const rule = auth.rule({ maxAge: "10s" });
    await auth.check(request(header), rule);
    now += 30_000;
    expect(auth.check(request(header), rule)).toMatchObject({ allowed: true });
  });

  test("is not remembered past a new password, a disabled, changed or deleted user", async () => {
    expect(await codeFor(header)).toBe("allowed");
    await auth.users.setPassword(id, "five loud green cows");
    expect(await codeFor(header)).toBe("password.wrong");
    const newer = basic("ada@example.com:five loud green cows");
    expect(await codeFor(newer)).toBe("allowed");
    await auth.users.disable(id);
    expect(await codeFor(newer)).toBe("password.user-disabled");
    await auth.users.enable(id);
    expect(await codeFor(newer)).toBe("allowed");
    await auth.roles.grant(id, "editor");
    const decision = await auth.check(request(newer), auth.rule({ roles: ["editor"] }));
    expect(decision.allowed).toBe(true);
    await auth.roles.revoke(id, "editor");
    expect(await auth.check(request(newer), auth.rule({ roles: ["editor"] }))).toMatchObject({ allowed: false });
    await auth.users.delete(id);
    expect(await codeFor(newer)).toBe("password.unknown-user");
  });

  test("is hashed once for a hundred parallel first requests", async () => {
    let asked = 0;
    const ada: SourceUser = { id: "7", email: "ada@example.com" };
    const gate = await open({
      users: {
        findById: () => ada,
        findByEmail: () => ada,
        verifyPassword: async () => {
          asked += 1;
          return true;
        },
      },
    });
    const rule = gate.rule();
    const decisions = await Promise.all(Array.from({ length: 20 }, async () => gate.check(request(header), rule)));
    expect(decisions.every(({ allowed }) => allowed)).toBe(true);
    expect(asked).toBe(1);
    await gate.close();
  });
});

describe("a verifier of the app's own", () => {
  const header = basic("ada@example.com:four quiet grey horses");
  const ada: SourceUser = { id: "7", email: "ada@example.com" };
  const gateWith = (verifyPassword: () => unknown) =>
    open({ users: { findById: () => ada, findByEmail: () => ada, verifyPassword: verifyPassword as () => Promise<boolean> } });

  test("that throws, rejects or never answers is a fault and lets nobody in [attack:BA-08] [asvs:V16.5.3]", async () => {
    const thrower = () => {
      throw new Error("the app's own database is away");
    };
    for (const verifier of [thrower, () => Promise.reject(new Error("away"))]) {
      const gate = await gateWith(verifier);
      await expect(gate.check(request(header), gate.rule())).rejects.toMatchObject({ code: "LATCHKEY_USERS_UNAVAILABLE" });
      await gate.close();
    }
    const gate = await gateWith(() => new Promise(() => undefined));
    vi.useFakeTimers();
    try {
      const asked = Promise.resolve(gate.check(request(header), gate.rule())).catch((error: unknown) => error);
      await vi.advanceTimersByTimeAsync(10_000);
      expect(await asked).toMatchObject({ code: "LATCHKEY_USERS_UNAVAILABLE" });
    } finally {
      vi.useRealTimers();
    }
    await gate.close();
  });

  test("is told of an address that nobody has, so that it may cost as much, and what it answers lets nobody in [attack:PW-04]", async () => {
    const asked: string[] = [];
    const gate = await open({
      users: {
        findById: () => ada,
        findByEmail: (email) => (email === ada.email ? ada : undefined),
        verifyPassword: async () => (asked.push("somebody"), false),
        verifyNobody: async (password) => (asked.push(password), true),
      },
    });
    for (const email of [ada.email, "nobody@example.com"]) {
      const decision = await gate.check(request(basic(`${email}:four quiet grey horses`)), gate.rule());
      expect(decision).toMatchObject({ allowed: false, refusal: { publicCode: "password.invalid" } });
    }
    expect(asked).toEqual(["somebody", "four quiet grey horses"]);
    await gate.close();
  });

  test.each([1, "true", {}, [], undefined, null, false])(
    "that answers %j lets nobody in: only true does [attack:BA-10]",
    async (answer) => {
      for (const verifier of [() => answer, () => Promise.resolve(answer)]) {
        const gate = await gateWith(verifier);
        const decision = await gate.check(request(header), gate.rule());
        expect(decision).toMatchObject({ allowed: false, refusal: { code: "password.wrong" } });
        await gate.close();
      }
    },
  );
});
