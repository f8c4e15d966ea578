import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createResource, type Resource, type ResourceOptions } from "latchkey/resource";
import { mintApiKey, testClock, testLatchkey } from "latchkey/testing";

const audience = "https://api.example.com";
const secret = "a secret with : and ä";
let issuer: string;
let server: Server;
let clock: ReturnType<typeof testClock>;
/** What the issuer says of each token; a function decides about the whole answer. */
let known: Map<string, object>;
let status: number;
let asked: { url: string; authorization: string | undefined; token: string | null }[];
let metadata: object | undefined;
const opened: Resource[] = [];

async function bodyOf(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return new URLSearchParams(Buffer.concat(chunks).toString());
}

beforeEach(async () => {
  [known, asked, clock, status, metadata] = [new Map(), [], testClock(), 200, undefined];
  server = createServer((request, response) => {
    if (request.method === "GET") return void response.writeHead(metadata === undefined ? 404 : 200).end(JSON.stringify(metadata ?? {}));
    void bodyOf(request).then((form) => {
      const token = form.get("token");
      asked.push({ url: request.url!, authorization: request.headers.authorization, token });
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(known.get(token!) ?? { active: false }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const open = async (options: Partial<ResourceOptions> = {}) => {
  const introspection = { clientId: "cli_api", clientSecret: secret, ...options.introspection };
  const resource = await createResource({ issuer, audience, clock, limits: { credentialAddress: "off" }, ...options, introspection });
  opened.push(resource);
  return resource;
};
const decide = (resource: Resource, headers: Record<string, string>, rule: object = {}) =>
  Promise.resolve(resource.check(new Request(audience, { headers }), rule));
const codeFor = async (resource: Resource, token = "opaque", rule: object = {}) => {
  const decision = await decide(resource, { authorization: `Bearer ${token}` }, rule);
  return decision.allowed ? "allowed" : decision.refusal.code;
};
const seconds = (from = 0) => Math.floor(clock.now() / 1_000) + from;

describe("an opaque token", () => {
  test("is whom the issuer says, asked as a client of its own", async () => {
    known.set("opaque", {
      active: true,
      sub: "usr_1",
      client_id: "cli_9",
      scope: "a b",
      exp: seconds(60),
      jti: "tok_1",
      roles: ["editor"],
    });
    const decision = await decide(await open(), { authorization: "Bearer opaque" }, { scopes: ["a"], roles: ["editor"] });
    expect(decision).toMatchObject({
      allowed: true,
      principal: {
        subject: "usr_1",
        kind: "user",
        method: "opaque-token",
        credentialId: "tok_1",
        scopes: ["a", "b"],
        expiresAt: seconds(60) * 1_000,
      },
    });
    const basic = Buffer.from("cli_api:a+secret+with+%3A+and+%C3%A4").toString("base64");
    expect(asked).toEqual([{ url: "/oauth/introspect", authorization: `Basic ${basic}`, token: "opaque" }]);
  });

  test("is asked about where the issuer's metadata says", async () => {
    metadata = { issuer, introspection_endpoint: `${issuer}/elsewhere` };
    await codeFor(await open());
    expect(asked[0]!.url).toBe("/elsewhere");
  });

  test("is asked about once for all who wait, and again after a second", async () => {
    known.set("opaque", { active: true, sub: "usr_1" });
    const resource = await open();
    expect(await Promise.all(Array.from({ length: 20 }, () => codeFor(resource)))).toEqual(Array(20).fill("allowed"));
    clock.advance(999);
    expect(await codeFor(resource)).toBe("allowed");
    expect(asked.length).toBe(1);
    known.delete("opaque");
    clock.advance(1);
    expect(await codeFor(resource)).toBe("introspection.inactive");
    expect(asked.length).toBe(2);
  });

  test("is never used past its end, however long answers may be used", async () => {
    known.set("opaque", { active: true, sub: "usr_1", exp: seconds(10) });
    const resource = await open({ introspection: { clientId: "c", clientSecret: "s", cache: "1h" }, toleranceSeconds: 0 });
    expect(await codeFor(resource)).toBe("allowed");
    clock.advance("10s");
    expect(await codeFor(resource)).toBe("introspection.inactive");
  });

  test.each([
    ["that is active in words only", { active: "true" }, "introspection.inactive"],
    ["of another issuer", { iss: "https://evil.example" }, "introspection.wrong-issuer"],
    ["for another audience", { aud: "https://api.b" }, "introspection.wrong-audience"],
    ["for an audience that is no text", { aud: { [audience]: 1 } }, "introspection.wrong-audience"],
    ["for several, with ours", { aud: ["x", audience] }, "allowed"],
    ["without a subject", { sub: undefined }, "introspection.malformed"],
    ["of a client", { sub: undefined, client_id: "cli_1" }, "allowed"],
    ["with a subject that is a number", { sub: 1 }, "introspection.malformed"],
    ["with an exp that is a text", { exp: "9999999999" }, "introspection.malformed"],
    ["with scopes in a list", { scope: ["a"] }, "introspection.malformed"],
    ["that has expired", { exp: 1 }, "introspection.inactive"],
    ["that is not yet valid", { nbf: 4_000_000_000 }, "introspection.inactive"],
    ["bound to a key", { cnf: { jkt: "x" } }, "introspection.proof-missing"],
    ["bound to nothing that anybody knows", { cnf: "x" }, "introspection.proof-missing"],
    ["with an allow-list that is none", { allowed_addresses: "everywhere" }, "introspection.malformed"],
    ["with an allow-list of others", { allowed_addresses: "192.0.2.1, 192.0.2.2" }, "address.not-allowed"],
    ["with a limit that is none", { rate_limit: 100 }, "introspection.malformed"],
    ["of DPoP", { token_type: "DPoP" }, "introspection.proof-missing"],
  ])("%s is answered by its own code, and the client told only that it is not valid", async (_name, told, code) => {
    known.set("opaque", { active: true, sub: "usr_1", ...told });
    const decision = await decide(await open(), { authorization: "Bearer opaque" });
    const refusal = decision.allowed ? undefined : decision.refusal;
    expect(refusal?.code ?? "allowed").toBe(code);
    const told401 = refusal?.status === 401 ? refusal : undefined;
    expect(told401?.publicCode ?? "introspection.invalid").toBe("introspection.invalid");
    expect(told401?.bearerError ?? "invalid_token").toBe("invalid_token");
  });

  test("that nobody can be asked about is a fault, and no refusal", async () => {
    const resource = await open();
    for (const broken of [500, 401, 302]) {
      status = broken;
      await expect(codeFor(resource)).rejects.toMatchObject({ code: "LATCHKEY_ISSUER_UNAVAILABLE" });
    }
  });

  test("is refused without a question where nobody may be asked, or where it can be none", async () => {
    const without = await createResource({ issuer, audience, clock });
    opened.push(without);
    expect(await codeFor(without)).toBe("request.unknown-credential");
    expect(await codeFor(await open(), "x".repeat(5_000))).toBe("introspection.malformed");
    expect(await codeFor(await open(), "a\u00e4b")).toBe("introspection.malformed");
    expect(asked).toEqual([]);
  });
});

describe("an API key", () => {
  test("is accepted in both headers, as a method of that name", async () => {
    const auth = await testLatchkey();
    const { key, record } = await mintApiKey(auth);
    known.set(key, { active: true, sub: record.id, sub_kind: "service", scope: "posts:read" });
    const resource = await open();
    const rule = { methods: ["api-key"], scopes: ["posts:read"] };
    for (const [name, value] of [
      ["x-api-key", key],
      ["authorization", `Bearer ${key}`],
    ] as const)
      expect(await decide(resource, { [name]: value }, rule)).toMatchObject({
        allowed: true,
        principal: { subject: record.id, kind: "service", method: "api-key" },
      });
    await auth.close();
  });

  test("that is damaged is refused without a question", async () => {
    const auth = await testLatchkey();
    const { key } = await mintApiKey(auth, { state: "damaged" });
    const decision = await decide(await open(), { "x-api-key": key });
    expect(decision).toMatchObject({ refusal: { code: "introspection.malformed", detail: "wrong checksum" } });
    expect(asked).toEqual([]);
    await auth.close();
  });
});

test("an issuer that hangs is asked no more than 256 questions at a time", async () => {
  const waiting: (() => void)[] = [];
  server.removeAllListeners("request");
  server.on("request", (request, response) => {
    if (request.method === "GET") return void response.writeHead(404).end("{}");
    waiting.push(() => void response.end(JSON.stringify({ active: true, sub: "usr_1" })));
  });
  const resource = await open();
  const codes = Array.from({ length: 256 }, (_, index) => codeFor(resource, `opaque${index}`));
  await expect.poll(() => waiting.length, { timeout: 30_000 }).toBe(256);
  await expect(codeFor(resource, "one-more")).rejects.toMatchObject({ code: "LATCHKEY_ISSUER_UNAVAILABLE" });
  for (const answer of waiting) answer();
  expect(new Set(await Promise.all(codes))).toEqual(new Set(["allowed"]));
});

test("the limit of a key holds here as it does at its issuer", async () => {
  known.set("opaque", { active: true, sub: "usr_1", jti: "key_1", rate_limit: "2/60000ms" });
  const resource = await open();
  expect([await codeFor(resource), await codeFor(resource), await codeFor(resource)]).toEqual([
    "allowed",
    "allowed",
    "rate-limit.exceeded",
  ]);
});

test.each([
  ["introspection.clientId", { clientId: "", clientSecret: "x" }],
  ["introspection.clientSecret", { clientId: "x", clientSecret: undefined }],
  ["introspection.key", { key: "" }],
  ["introspection.url", { clientId: "x", clientSecret: "x", url: "http://auth.example.com/" }],
  ["introspection.cache", { clientId: "x", clientSecret: "x", cache: "2h" }],
])("an option that cannot be used is named: %s", async (option, introspection) => {
  await expect(createResource({ issuer, introspection })).rejects.toMatchObject({ option });
});
