import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { guard, mount } from "latchkey/node";
import { mintApiKey, mintUser, type TestLatchkey, testLatchkey, testRequest } from "latchkey/testing";

/** What a client is told, through a real listening server, for each way to be wrong. */
let auth: TestLatchkey;
let server: Server;
let url: string;
let manager: Record<string, string>;

beforeAll(async () => {
  auth = await testLatchkey();
  const mounted = mount(auth);
  server = createServer((request, response) => {
    if (request.url === "/drained") request.resume().once("end", () => mounted(Object.assign(request, { url: "/keys" }), response));
    else mounted(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  manager = (await mintApiKey(auth, { owner: (await mintUser(auth)).id, scopes: ["keys:manage"] })).headers;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await auth.close();
});

const json = { "content-type": "application/json" };
const post = (body: string | Uint8Array, headers: Record<string, string> = json): RequestInit => ({
  method: "POST",
  headers,
  body: body as string,
});

async function told(path: string, init: RequestInit, credential = manager): Promise<string> {
  const answer = await fetch(url + path, { ...init, headers: { ...credential, ...(init.headers as Record<string, string>) } });
  const problem = (await answer.json()) as { code: string; status: number };
  expect(problem.status).toBe(answer.status);
  return problem.code;
}

describe("a request to our endpoints", () => {
  test.each<readonly [string, string, RequestInit]>([
    ["http.not-found", "/nothing", {}],
    ["http.method-not-allowed", "/whoami", { method: "PATCH" }],
    ["http.body-too-large", "/keys", post("x".repeat(70_000))],
    ["http.media-type", "/keys", post('{"name":"x"}', { "content-type": "text/plain" })],
    ["http.body-malformed", "/keys", post('{"name":')],
    ["http.body-malformed", "/keys", post("[".repeat(10_000))],
    ["http.body-malformed", "/keys", post(Buffer.from([0x7b, 0xff, 0x7d]))],
    ["http.body-malformed", "/keys", post("name=a&name=b", { "content-type": "application/x-www-form-urlencoded" })],
    ["http.field-invalid", "/keys", post('{"name":["x"]}')],
    ["http.field-invalid", "/keys", post('{"name":"x","expires":"never"}')],
    ["api-key.not-found", "/keys/key_00000000000000000000000000", { method: "DELETE" }],
    ["api-key.beyond-own", "/keys", post('{"name":"x","scopes":["admin:all"]}')],
  ])("is told %s", async (code, path, init) => expect(await told(path, init)).toBe(code));

  test("without a credential, or with one of no known kind, is told so", async () => {
    expect(await told("/whoami", {}, {})).toBe("request.no-credential");
    expect(await told("/whoami", {}, { authorization: "Negotiate abc" })).toBe("request.unknown-credential");
  });

  test("may not take the keys of somebody else", async () => {
    const foreign = await auth.apiKeys.issue({ name: "foreign" });
    expect(await told(`/keys/${foreign.record.id}`, { method: "DELETE" })).toBe("api-key.not-found");
    expect(await told(`/keys/${foreign.record.id}/rotate`, { method: "POST" })).toBe("api-key.not-found");
    expect(await auth.apiKeys.find(foreign.record.id)).toMatchObject({ revokedAt: undefined });
  });

  test("whose body was thrown away before is 503, and the operator is told why: LATCHKEY_BODY_CONSUMED", async () => {
    expect(await told("/drained", post('{"name":"x"}'))).toBe("unavailable");
    expect(auth.faults.at(-1)).toMatchObject({ code: "LATCHKEY_BODY_CONSUMED" });
  });
});

describe("a refused key", () => {
  test.each(["damaged", "unknown", "revoked", "replaced", "owner-gone", "owner-disabled"] as const)(
    "that is %s shows the client no more than api-key.invalid",
    async (state) => {
      const { headers, outcome } = await mintApiKey(auth, { state });
      expect(await told("/whoami", {}, headers)).toBe("api-key.invalid");
      expect(auth.refusals.at(-1)?.outcome).toBe(outcome);
    },
  );

  test("of a disabled or vanished owner has its own code for the operator: api-key.owner-disabled, api-key.owner-gone", async () => {
    for (const state of ["owner-disabled", "owner-gone"] as const) {
      const { headers } = await mintApiKey(auth, { state });
      const decision = await auth.check(testRequest({ headers }), auth.rule());
      expect(decision).toMatchObject({ allowed: false, refusal: { code: `api-key.${state}`, publicCode: "api-key.invalid" } });
    }
  });
});

test("what a guarded node handler throws is 500, not a refusal, and reaches onFault with the request's id", async () => {
  const heard: unknown[] = [];
  const own = await testLatchkey({ onFault: (error, requestId) => heard.push([(error as Error).message, requestId]) });
  const { headers } = await mintApiKey(own);
  const crashing = createServer(
    guard(own, {}, (request) => {
      if (request.url === "/sync") throw new Error("sync");
      return Promise.reject(new Error("async"));
    }),
  );
  await new Promise<void>((resolve) => crashing.listen(0, "127.0.0.1", resolve));
  for (const path of ["sync", "async"]) {
    const answer = await fetch(`http://127.0.0.1:${(crashing.address() as AddressInfo).port}/${path}`, { headers });
    expect([answer.status, await answer.json()]).toMatchObject([500, { code: "internal" }]);
    expect(heard.at(-1)).toEqual([path, answer.headers.get("x-request-id")]);
  }
  crashing.closeAllConnections();
  await new Promise((resolve) => crashing.close(resolve));
  await own.close();
});
