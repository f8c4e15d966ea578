import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { build, type Served, served } from "./program.ts";

let server: Served;

beforeAll(async () => {
  build();
  server = await served();
}, 90_000);

afterAll(() => server.stop());

test("answers every error as a problem document without a stack or a version [attack:HT-12]", async () => {
  const headers = { "x-api-key": (await server.makeKey()).key };
  const managing = { "x-api-key": (await server.makeKey("--scope", "keys:manage")).key };
  const login = (type: string, body: string): RequestInit => ({ method: "POST", headers: { "content-type": type }, body });
  for (const [path, init, status] of [
    ["/whoami", {}, 401],
    ["/whoami/x.css", {}, 404],
    ["/whoami", { method: "DELETE" }, 405],
    ["/healthz", { method: "POST" }, 405],
    ["/keys", { method: "POST", body: '{"userId":"usr_x","scopes":["*"]}' }, 401],
    ["/keys", { headers }, 403],
    ["/whoami?api_key=x", {}, 401],
    ["/whoami", { headers: { ...headers, authorization: "Basic eDp5" } }, 400],
    ["/login", login("application/json", "[".repeat(100)), 400],
    ["/login", login("text/plain", "{}"), 403],
    ["/keys", { method: "POST", headers: { ...managing, "content-type": "text/plain" }, body: "{}" }, 415],
    ["/login", login("application/json", `"${"x".repeat(70_000)}"`), 413],
    ["/login", login("application/json", '{"email":"ada@example.com","password":"not hers at all"}'), 401],
  ] as const) {
    const answer = await fetch(server.url + path, init);
    const text = await answer.text();
    expect([path, answer.status]).toEqual([path, status]);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    // RFC 9110 s.15.5.2: who is refused by the gate for want of a credential is told which it takes.
    const asked = status === 401 && path !== "/login" ? /^Bearer realm="api"/ : /^/;
    expect(answer.headers.get("www-authenticate") ?? "").toMatch(asked);
    expect(answer.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("x-powered-by") ?? answer.headers.get("server")).toBeNull();
    expect(JSON.parse(text)).toMatchObject({ status, requestId: answer.headers.get("x-request-id") });
    expect(text).not.toMatch(/\bat \S+:\d+/);
  }
});

test("refuses foreign hosts [attack:HT-08]", async () => {
  expect(await server.raw("GET /whoami HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")).toMatch(/^HTTP\/1.1 421/);
});

test("answers a proxy that asks for its client's host", async () => {
  const { key } = await server.makeKey();
  const ask = (path: string) => server.raw(`GET ${path} HTTP/1.1\r\nHost: app.example\r\nX-API-Key: ${key}\r\nConnection: close\r\n\r\n`);
  expect(await ask("/forward-auth")).toMatch(/^HTTP\/1.1 200[^]*x-auth-method: api-key\r\n/);
  expect(await ask("/forward-authority")).toMatch(/^HTTP\/1.1 421/);
});

test("refuses two credentials in whatever lines they come [attack:HT-03] [attack:AK-02]", async () => {
  const { key } = await server.makeKey();
  for (const lines of [
    `X-API-Key: ${key}\r\nX-API-Key: ${key}`,
    `Authorization: Bearer ${key}\r\nAuthorization: Bearer ${key}`,
    `Authorization: Basic x, Bearer ${key}`,
  ]) {
    expect(await server.raw(`GET /whoami HTTP/1.1\r\nHost: localhost\r\n${lines}\r\nConnection: close\r\n\r\n`)).toMatch(/^HTTP\/1.1 400/);
  }
});

test.each([
  "GET /whoami HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  "GET /whoami HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
  "GET /whoami HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
  "GET /whoami HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
  "GET /whoami HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
  "GET /whoami HTTP/1.1\nHost: localhost\n\n",
  "GET /whoami HTTP/1.1\r\nHost : localhost\r\n\r\n",
  "GET /whoami HTTP/1.1\r\nHost: localhost\r\nX-One: a\r\n b\r\n\r\n",
])("refuses ambiguous framing and closes, whatever follows: %j [attack:HT-05]", async (request) => {
  // `raw` gives back what came until the server closed: nothing but that, also to what was sent behind it.
  const answer = await server.raw(`${request}GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  expect(new Set(answer.match(/HTTP\/1\.1 \d+/g))).toEqual(new Set(["HTTP/1.1 400"]));
});

test("sees a credential behind a thousand other header fields, so that a second one cannot hide there [attack:HT-03]", async () => {
  const { key } = await server.makeKey();
  const ask = (fields: number) =>
    server.raw(
      `GET /whoami HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-API-Key: ${key}\r\n${"a:\r\n".repeat(fields)}X-API-Key: ${key}\r\n\r\n`,
    );
  expect(await ask(400)).toMatch(/^HTTP\/1.1 400/);
  expect(await ask(1_100)).toMatch(/^HTTP\/1.1 431/);
});

test("who still sends when it is refused hears of it, and not of a reset", async () => {
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1").pause();
  let answer = "";
  let failed: unknown;
  socket.on("error", (error) => (failed = error));
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.write(`GET /whoami?${"u".repeat(20_000)}`);
  // One packet after the other, so that some come after the answer.
  for (let turn = 0; turn < 20; turn += 1) {
    socket.write("u".repeat(10_000));
    await pause(10);
  }
  socket.on("data", (chunk) => (answer += String(chunk))).resume();
  await closed;
  expect([failed, answer]).toEqual([undefined, expect.stringMatching(/^HTTP\/1.1 431 /)]);
});

test("gives one answer to one request, also where its body turns out bad after it [attack:HT-05]", async () => {
  const heads = [
    "POST /whoami HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n",
    "POST /whoami HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n",
    "GET /healthz HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n",
  ];
  for (const head of heads) {
    const text = await server.raw(head);
    expect([head, text.match(/HTTP\/1\.1 \d+/g)]).toEqual([head, [expect.any(String)]]);
    expect(text).toMatch(/connection: close/i);
  }
});

test("refuses giant headers and bodies [attack:HT-02]", async () => {
  const { key } = await server.makeKey("--scope", "keys:manage");
  expect(await server.raw(`GET /whoami HTTP/1.1\r\nHost: localhost\r\nX-API-Key: ${"k".repeat(17_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431/);
  const answer = await fetch(`${server.url}/keys`, {
    method: "POST",
    headers: { "x-api-key": key, "content-type": "application/json" },
    body: `{"name":"${"x".repeat(70_000)}"}`,
  });
  expect(answer.status).toBe(413);
});

test.each([
  ["a URL of a megabyte", `GET /whoami?${"u".repeat(2 ** 20)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 431],
  [
    "more header fields than anybody has",
    `GET /whoami HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${"a:\r\n".repeat(2_001)}\r\n`,
    431,
    /at most 500/,
  ],
  ["a cookie of 17 KiB", `GET /whoami HTTP/1.1\r\nHost: localhost\r\nCookie: c=${"c".repeat(17_000)}\r\n\r\n`, 431],
  ["sixty thousand brackets", jsonTo("/login", "[".repeat(60_000)), 400],
  ["sixty thousand brackets in a member", jsonTo("/login", `{"email":${"[".repeat(30_000)}${"]".repeat(30_000)}}`), 400],
  ["thirty thousand fields", postTo("/login", "application/x-www-form-urlencoded", "a&".repeat(30_000)), 400],
  [
    "five thousand fields of names of their own",
    postTo("/login", "application/x-www-form-urlencoded", manyFields(5_000)),
    400,
    /At most 1000 fields/,
  ],
  [
    "a body that never ends",
    `${headOf("/login", "application/json")}Transfer-Encoding: chunked\r\n\r\n${"fffff\r\n".padEnd(80_000, "x")}`,
    413,
  ],
  ["a body that says it is large", `${headOf("/login", "application/json")}Content-Length: 10000000\r\n\r\n`, 413],
  ["a compressed body", `${headOf("/login", "application/json")}Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}`, 400],
])("refuses %s early [attack:HT-02]", async (_, request, status, words = /(?:)/) => {
  const answer = await server.raw(request);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(answer).toMatch(words);
});

test("answers TRACE and CONNECT with 405 everywhere, and methods that no HTTP has with 400 [asvs:V13.4.4]", async () => {
  for (const path of ["/whoami", "/healthz", "/nothing"]) {
    expect(await server.raw(`TRACE ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)).toMatch(/^HTTP\/1.1 405/);
  }
  expect(await server.raw("CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n")).toMatch(/^HTTP\/1.1 405/);
  expect(await server.raw("SMUGGLE /whoami HTTP/1.1\r\nHost: localhost\r\n\r\n")).toMatch(/^HTTP\/1.1 400/);
});

test.each(["null", "https://localhost.evil.example", "http://localhost:3000", "https://evil-localhost"])(
  "lets no foreign page read an answer: %s [attack:HT-07] [asvs:V3.4.2]",
  async (origin) => {
    const { key } = await server.makeKey();
    for (const [method, status] of [
      ["GET", 200],
      ["OPTIONS", 405],
      ["DELETE", 405],
    ] as const) {
      const answer = await fetch(`${server.url}/whoami`, {
        method,
        headers: { origin, "x-api-key": key, "access-control-request-method": "DELETE", "access-control-request-headers": "x-api-key" },
      });
      expect([...answer.headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
      expect(answer.status).toBe(status);
    }
  },
);

test("asks browsers to stay on https where the issuer is https, and does not on loopback [asvs:V3.4.1]", async () => {
  expect((await fetch(`${server.url}/healthz`)).headers.get("strict-transport-security")).toBeNull();
  const secure = await served({ LATCHKEY_ISSUER: "https://auth.test", LATCHKEY_SECRET: "Zm9vYmFyYmF6cXV4-x81kLq0vN3tWc7RdHs" });
  try {
    for (const path of ["/healthz", "/whoami", "/nothing"]) {
      const answer = await fetch(secure.url + path);
      expect(answer.headers.get("strict-transport-security")).toMatch(/^max-age=\d{8,}/);
    }
  } finally {
    await secure.stop();
  }
});

function manyFields(count: number): string {
  return Array.from({ length: count }, (_, number) => `f${number}=1`).join("&");
}
function headOf(path: string, type: string): string {
  return `POST ${path} HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nContent-Type: ${type}\r\nConnection: close\r\n`;
}
function postTo(path: string, type: string, body: string): string {
  return `${headOf(path, type)}Content-Length: ${body.length}\r\n\r\n${body}`;
}
function jsonTo(path: string, body: string): string {
  return postTo(path, "application/json", body);
}
