import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mount } from "latchkey/node";
import { testLatchkey, type TestLatchkey } from "latchkey/testing";
import { type Engine, freePort, startCaddy } from "../../library/test/engines.ts";
import { describeWithCaddy } from "../../library/test/services.ts";

describeWithCaddy("Caddy in front of an API in Python", () => {
  let auth: TestLatchkey;
  let issuer: string;
  let gate: Server;
  let caddy: Engine;
  let api: ChildProcess;
  let key: string;
  let ada: string;
  let port: number;

  beforeAll(async () => {
    port = await freePort();
    issuer = `http://localhost:${port}`;
    auth = await testLatchkey({ issuer, trustProxy: ["127.0.0.1"] });
    gate = createServer(mount(auth));
    await new Promise<void>((resolve) => gate.listen(0, "127.0.0.1", resolve));
    api = spawn("python3", [join(import.meta.dirname, "api.py"), "0"], { stdio: ["ignore", "pipe", "inherit"] });
    const apiPort = await new Promise<string>((resolve) =>
      api.stdout!.once("data", (chunk: Buffer) => resolve(/port (\d+)/.exec(chunk.toString())![1]!)),
    );
    const configuration = readFileSync(join(import.meta.dirname, "Caddyfile"), "utf8")
      .replaceAll("127.0.0.1:3000", `127.0.0.1:${(gate.address() as AddressInfo).port}`)
      .replaceAll("127.0.0.1:8000", `127.0.0.1:${apiPort}`)
      .replace("localhost:8080 {", `localhost:${port} {`);
    const folder = mkdtempSync(join(tmpdir(), "latchkey-caddy-"));
    writeFileSync(join(folder, "Caddyfile"), configuration);
    caddy = await startCaddy(folder, port);
    ada = (await auth.users.create({ email: "ada@example.com" })).id;
    key = (await auth.apiKeys.issue({ name: "ci", owner: ada, scopes: ["orders:read"] })).key;
  });
  afterAll(async () => {
    await caddy.remove();
    api.kill();
    gate.closeAllConnections();
    gate.close();
    await auth.close();
  });

  /** What the client is answered, and what the API says that it got; node:http sends what it is told. */
  function ask(path: string, headers: Record<string, string> = {}, method = "GET", body = "") {
    interface Told {
      readonly hello: string | null;
      readonly received: [string, string][];
    }
    return new Promise<{ status: number; location: string | undefined; body: Told }>((resolve, reject) => {
      const sent = request({ port, host: "127.0.0.1", path, method, headers: { host: `localhost:${port}`, ...headers } }, (answer) => {
        let text = "";
        answer.on("data", (chunk: Buffer) => (text += chunk.toString()));
        answer.on("end", () => {
          const isJson = answer.headers["content-type"] === "application/json";
          resolve({ status: answer.statusCode!, location: answer.headers.location, body: (isJson ? JSON.parse(text) : {}) as Told });
        });
      });
      sent.on("error", reject);
      sent.end(body);
    });
  }
  const received = (told: Awaited<ReturnType<typeof ask>>, name: string) =>
    told.body.received.filter(([header]) => header.toLowerCase().replaceAll("_", "-") === name).map(([, value]) => value);

  test("lets a key through, and tells the API who it is, with a JWT in the place of the key", async () => {
    const told = await ask("/orders/7?page=2", { "x-api-key": key });
    expect(told).toMatchObject({ status: 200, body: { path: "/orders/7?page=2", hello: ada, scopes: ["orders:read"], roles: [] } });
    expect(received(told, "x-auth-method")).toEqual(["api-key"]);
    expect(received(told, "authorization")).toEqual([expect.stringMatching(/^Bearer ey/)]);
    expect(received(told, "x-api-key")).toEqual([]);
  });

  test("answers a client without a credential 401, and one without the scope 403", async () => {
    expect((await ask("/orders")).status).toBe(401);
    const { key: other } = await auth.apiKeys.issue({ name: "other", owner: ada });
    expect((await ask("/orders", { "x-api-key": other })).status).toBe(403);
    expect((await ask("/orders", { "x-api-key": `${key.slice(0, -1)}!` })).status).toBe(401);
  });

  test("passes on no identity that a client claims, on a guarded path or an open one", async () => {
    const claims = { "x-auth-subject": "usr_admin", "X-AUTH-ROLES": "admin", "x-auth-scopes": "everything", x_auth_subject: "usr_admin" };
    const told = await ask("/orders", { ...claims, "x-api-key": key });
    expect(told.body).toMatchObject({ hello: ada, scopes: ["orders:read"], roles: [] });
    expect(received(told, "x-auth-subject")).toEqual([ada]);
    expect(received(told, "x-auth-roles").join("")).toBe("");
    const open = await ask("/public", { ...claims, authorization: "Bearer forged" });
    expect(open.status).toBe(200);
    expect(open.body.received.filter(([name]) => /^x[-_]auth|^authorization$/i.test(name))).toEqual([]);
  });

  test("asks for the role, by the method and the target of the client's request", async () => {
    const { id: user } = await auth.users.create({ email: "grace@example.com" });
    const cookie = (await auth.sessions.create({ user })).cookie.split(";")[0]!;
    expect((await ask("/admin", { cookie })).status).toBe(403);
    await auth.roles.grant(user, "admin");
    const forged = {
      cookie: (await auth.sessions.create({ user })).cookie.split(";")[0]!,
      "x-forwarded-method": "GET",
      "x-original-method": "GET",
    };
    expect((await ask("/admin", forged)).status).toBe(200);
    const foreign = { ...forged, origin: "https://evil.example", "sec-fetch-site": "cross-site", "content-type": "text/plain" };
    expect((await ask("/admin", foreign, "POST", "x=1")).status).toBe(403);
    expect(auth.refusals.at(-1)).toMatchObject({ outcome: "csrf.foreign-page", httpMethod: "POST", path: "/admin" });
    const own = { ...forged, origin: issuer, "sec-fetch-site": "same-origin", "content-type": "application/json" };
    expect(await ask("/admin", own, "POST", "{}")).toMatchObject({ status: 200, body: { bytes: 2 } });
  });

  test("sends a browser to the sign-in page, and a program nowhere", async () => {
    const browser = await ask("/desk/7?tab=2", { accept: "text/html,*/*;q=0.8" });
    expect([browser.status, browser.location]).toEqual([302, `${issuer}/login?return=%2Fdesk%2F7%3Ftab%3D2`]);
    expect((await ask("/desk", { accept: "application/json" })).status).toBe(401);
  });
});
