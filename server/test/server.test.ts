import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { latchkey, type Program, start } from "./program.ts";

const data = mkdtempSync(join(tmpdir(), "lk-"));
const environment = { LATCHKEY_DATA: data, LATCHKEY_PORT: "0" };
let server: Program;
let banner: string;
let url: string;

beforeAll(async () => {
  const built = spawnSync(process.execPath, ["tools/build.mjs"], { encoding: "utf8" });
  if (built.status !== 0) throw new Error(built.stderr);
  server = start("server/dist/bin.js", ["serve"], environment);
  banner = await server.until(/\/whoami\n/);
  url = /http:\/\/localhost:\d+/.exec(banner)![0];
}, 60_000);

afterAll(async () => {
  await server.stop();
  rmSync(data, { recursive: true, force: true });
});

const whoami = (key: string, path = "/whoami") => fetch(url + path, { headers: { "x-api-key": key } });
const makeKey = async (...argv: string[]) => {
  const made = await latchkey(["key", "create", "--name", "test", "--json", ...argv], environment);
  return JSON.parse(made.stdout) as { id: string; key: string };
};

describe("the first start", () => {
  test("prints a curl line that works when pasted", async () => {
    const line = /curl .*/.exec(banner)![0];
    const { stdout } = await promisify(execFile)("sh", ["-c", `${line} -s`]);
    expect(JSON.parse(stdout)).toMatchObject({ method: "api-key", scopes: ["posts:read"] });
  });

  test("keeps secret, database and socket for the owner only", () => {
    for (const file of ["secret", "latchkey.db", "latchkey.sock"]) expect(statSync(join(data, file)).mode & 0o777).toBe(0o600);
  });

  test("refuses a second server on the same folder", async () => {
    expect(await latchkey(["serve"], environment)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("running") });
  });
});

describe("commands beside a running server", () => {
  test("revoke a key so that the next request is refused, and explain says why", async () => {
    const { id, key } = await makeKey();
    expect((await whoami(key)).status).toBe(200);
    expect(await latchkey(["key", "revoke", id], environment)).toMatchObject({ exitCode: 0 });
    const refused = await whoami(key);
    expect(refused.status).toBe(401);
    const explained = await latchkey(["explain", refused.headers.get("x-request-id")!, "--json"], environment);
    expect(JSON.parse(explained.stdout)).toMatchObject({ outcome: "api-key.revoked" });
    expect(explained.stdout).not.toContain(key);
    expect(await latchkey(["key", "revoke", id], environment)).toMatchObject({ exitCode: 1 });
  });

  test("print one JSON document with --json, and nothing else", async () => {
    const { stdout, stderr } = await latchkey(["key", "list", "--json"], environment);
    expect(JSON.parse(stdout)).toHaveProperty("keys");
    expect(stderr).toBe("");
  });

  test.each([
    [["key", "fly"], "Allowed:"],
    [["key", "create", "--nam", "x"], "--name"],
    [["key", "create", "--name", "x", "--expires", "soon"], "expires"],
    [["key", "revoke"], "Example:"],
  ])("answer wrong usage with exit code 2 and what is allowed: %j", async (argv, told) => {
    expect(await latchkey(argv, environment)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(told) });
  });
});

describe("settings", () => {
  test.each([
    [{ LATCHKEY_PORT: "99999" }, "LATCHKEY_PORT"],
    [{ LATCHKEY_PROT: "3000" }, "LATCHKEY_PROT"],
    [{ LATCHKEY_HOST: "0.0.0.0" }, "LATCHKEY_ISSUER"],
    [{ LATCHKEY_ISSUER: "http://localhost.example.org" }, "LATCHKEY_SECRET"],
    [{ LATCHKEY_SECRET: "short" }, "secret"],
    [{ NODE_TLS_REJECT_UNAUTHORIZED: "0" }, "NODE_TLS_REJECT_UNAUTHORIZED"],
  ])("that cannot be used stop the start and are named: %j", async (settings, name) => {
    const folder = mkdtempSync(join(tmpdir(), "lk-"));
    const { exitCode, stderr } = await latchkey(["serve"], { LATCHKEY_DATA: folder, LATCHKEY_PORT: "0", ...settings });
    rmSync(folder, { recursive: true, force: true });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(name);
  });
});

describe("HTTP", () => {
  test("answers every error as a problem document without a stack or a version [attack:HT-12]", async () => {
    for (const [path, init, status] of [
      ["/whoami", {}, 401],
      ["/whoami/x.css", {}, 404],
      ["/whoami", { method: "DELETE" }, 405],
      ["/healthz", { method: "POST" }, 405],
      ["/keys", { method: "POST", body: '{"userId":"usr_x","scopes":["*"]}' }, 401],
    ] as const) {
      const answer = await fetch(url + path, init);
      const text = await answer.text();
      expect(answer.status).toBe(status);
      expect(answer.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
      expect(answer.headers.get("cache-control")).toBe("no-store");
      expect(answer.headers.get("x-powered-by") ?? answer.headers.get("server")).toBeNull();
      expect(JSON.parse(text)).toMatchObject({ status, requestId: answer.headers.get("x-request-id") });
      expect(text).not.toMatch(/\bat \S+:\d+/);
    }
  });

  test("refuses foreign hosts [attack:HT-08]", async () => {
    expect(await raw("GET /whoami HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")).toMatch(/^HTTP\/1.1 421/);
  });

  test("refuses two credentials in whatever lines they come [attack:HT-03] [attack:AK-02]", async () => {
    const { key } = await makeKey();
    for (const lines of [
      `X-API-Key: ${key}\r\nX-API-Key: ${key}`,
      `Authorization: Bearer ${key}\r\nAuthorization: Bearer ${key}`,
      `Authorization: Basic x, Bearer ${key}`,
    ]) {
      expect(await raw(`GET /whoami HTTP/1.1\r\nHost: localhost\r\n${lines}\r\nConnection: close\r\n\r\n`)).toMatch(/^HTTP\/1.1 400/);
    }
  });

  test.each([
    "GET /whoami HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "GET /whoami HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
    "GET /whoami HTTP/1.1\r\nHost : localhost\r\n\r\n",
  ])("refuses ambiguous framing and closes: %j [attack:HT-05]", async (request) => {
    expect(await raw(request)).toMatch(/^HTTP\/1.1 400/);
  });

  test("refuses giant headers and bodies [attack:HT-02]", async () => {
    const { key } = await makeKey("--scope", "keys:manage");
    expect(await raw(`GET /whoami HTTP/1.1\r\nHost: localhost\r\nX-API-Key: ${"k".repeat(17_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431/);
    const answer = await fetch(`${url}/keys`, {
      method: "POST",
      headers: { "x-api-key": key, "content-type": "application/json" },
      body: `{"name":"${"x".repeat(70_000)}"}`,
    });
    expect(answer.status).toBe(413);
  });

  test("does not let a key mint what it may not itself [attack:AK-10] [attack:AK-04]", async () => {
    const { key } = await makeKey("--scope", "orders:read");
    const { key: manager } = await makeKey("--scope", "keys:manage", "--scope", "orders:read");
    const mint = (holder: string) =>
      fetch(`${url}/keys`, {
        method: "POST",
        headers: { "x-api-key": holder, "content-type": "application/json" },
        body: '{"name":"x","scopes":["orders:write"]}',
      });
    expect((await mint(key)).status).toBe(403);
    expect((await mint(manager)).status).toBe(403);
  });

  test("takes no harm from prototype names in a body [attack:HT-04]", async () => {
    const { key } = await makeKey("--scope", "keys:manage");
    const body = '{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"x":1}}}';
    const answer = await fetch(`${url}/keys`, { method: "POST", headers: { "x-api-key": key, "content-type": "application/json" }, body });
    expect(answer.status).toBe(400);
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });
});

describe("the quickstart", () => {
  test("lets the same key in from another process, and refuses it on the next request after it was revoked", async () => {
    const { id, key } = await makeKey("--scope", "posts:read");
    const app = start("examples/quickstart/app.js", [], { LATCHKEY_DATA: data, PORT: "0" });
    const posts = /http:\S+/.exec(await app.until(/posts\n/))![0];
    const ask = async () => (await fetch(posts, { headers: { "x-api-key": key } })).status;
    expect([await ask(), await ask()]).toEqual([200, 200]);
    await latchkey(["key", "revoke", id], environment);
    expect(await ask()).toBe(401);
    await app.stop();
  });
});

describe("a kill", () => {
  test("loses no key that was printed [attack:ST-08]", async () => {
    const folder = mkdtempSync(join(tmpdir(), "lk-"));
    const own = { LATCHKEY_DATA: folder, LATCHKEY_PORT: "0" };
    const first = start("server/dist/bin.js", ["serve"], own);
    const address = /http:\/\/localhost:\d+/.exec(await first.until(/\/whoami\n/))![0];
    const user = JSON.parse((await latchkey(["user", "create", "--email", "ada@example.com", "--json"], own)).stdout) as { id: string };
    const made = await latchkey(["key", "create", "--name", "m", "--owner", user.id, "--scope", "keys:manage", "--json"], own);
    const { key } = JSON.parse(made.stdout) as { key: string };
    const acknowledged: string[] = [];
    const create = async (number: number) => {
      const answer = await fetch(`${address}/keys`, {
        method: "POST",
        headers: { "x-api-key": key, "content-type": "application/json" },
        body: `{"name":"k${number}"}`,
      });
      acknowledged.push(((await answer.json()) as { key: string }).key);
      if (acknowledged.length === 150) first.process.kill("SIGKILL");
    };
    await Promise.allSettled(Array.from({ length: 1_000 }, (_, number) => create(number)));
    await first.stop("SIGKILL");
    const second = start("server/dist/bin.js", ["serve"], own);
    const again = /http:\/\/localhost:\d+/.exec(await second.until(/Make a key/))![0];
    const statuses = await Promise.all(
      acknowledged.map(async (printed) => (await fetch(`${again}/whoami`, { headers: { "x-api-key": printed } })).status),
    );
    expect(acknowledged.length).toBeGreaterThanOrEqual(150);
    expect(new Set(statuses)).toEqual(new Set([200]));
    await second.stop();
    rmSync(folder, { recursive: true, force: true });
  });
});

/** Sends bytes as they are, and gives back everything that is answered. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1", () => socket.write(bytes));
    let answer = "";
    socket.on("data", (chunk) => (answer += chunk));
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
}
