import { execFileSync } from "node:child_process";
import { beforeAll, describe, expect, test } from "vitest";
import { createLog } from "../src/log/index.ts";
import { build, type Served, served } from "./program.ts";

beforeAll(() => build(), 90_000);

const linesOf = (server: Served) =>
  server.program
    .output()
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** Everything in the log once this line has come. */
const until = (server: Served, text: string | RegExp) => server.program.until(new RegExp(text));

describe("the log of the server", () => {
  test("has a line for each refusal at info, none for what is allowed, and never the reason in the answer", async () => {
    const server = await served();
    const { key } = await server.makeKey();
    const allowed = await server.whoami(key);
    const refused = await server.whoami("lk_live_wrong");
    const requestId = refused.headers.get("x-request-id")!;
    await until(server, requestId);
    expect(linesOf(server)).toEqual([
      expect.objectContaining({
        level: "info",
        message: "refused",
        requestId,
        outcome: "api-key.damaged",
        path: "/whoami",
        checks: ["attempts", "verify"],
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      }),
    ]);
    expect(server.program.output()).not.toContain(allowed.headers.get("x-request-id"));
    await server.stop();
  });

  test("has at debug one line for each request, which explains it by its id", async () => {
    const server = await served({ LATCHKEY_LOG_LEVEL: "debug" });
    const { id, key } = await server.makeKey();
    const allowed = (await server.whoami(key)).headers.get("x-request-id")!;
    await fetch(`${server.url}/nothing?code=hunter22`);
    await until(server, "/nothing");
    await until(server, allowed);
    const line = linesOf(server).find(({ requestId }) => requestId === allowed);
    expect(line).toMatchObject({ level: "debug", outcome: "allowed", status: 200, credentialId: id, milliseconds: expect.any(Number) });
    expect(linesOf(server)).toContainEqual(expect.objectContaining({ path: "/nothing", status: 404 }));
    await server.stop();
  });

  test("is silent where nothing is to be said", async () => {
    const server = await served({ LATCHKEY_LOG_LEVEL: "silent" });
    await server.whoami("lk_live_wrong");
    const exit = await server.program.stop();
    expect([exit, linesOf(server), server.program.errors()]).toEqual([0, [], ""]);
    await server.stop();
  });

  test("is JSON only, in production, and tells where the server listens and what it cannot do", async () => {
    const server = await served({ LATCHKEY_ISSUER: "https://auth.test", LATCHKEY_SECRET: "Zm9vYmFyYmF6cXV4-x81kLq0vN3tWc7RdHs" });
    await server.program.stop();
    const lines = server.program.output().trim().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual([
      expect.stringMatching(/^LATCHKEY_ISSUER is https, .*LATCHKEY_TLS_CERT.*LATCHKEY_TRUST_PROXY/),
      expect.stringContaining("LATCHKEY_SMTP_URL is not set"),
      `Latchkey listens on ${server.url}`,
      "stopping",
    ]);
    await server.stop();
  });

  test("says nothing of https where a proxy is trusted to end it", async () => {
    const settings = { LATCHKEY_ISSUER: "https://auth.test", LATCHKEY_SECRET: "Zm9vYmFyYmF6cXV4-x81kLq0vN3tWc7RdHs" };
    const server = await served({ ...settings, LATCHKEY_TRUST_PROXY: "127.0.0.1" });
    await server.stop();
    expect(server.program.output()).not.toContain("is https");
  });

  test("holds no secret, wherever one was sent [attack:AU-02] [attack:AK-05] [asvs:V16.2.5]", async () => {
    const server = await served({ LATCHKEY_LOG_LEVEL: "debug" });
    const { key } = await server.makeKey("--scope", "keys:manage");
    const canary = "canary7Qx2hunterZp9LmVb4TrKw8NsYd3";
    const token = `lk_live_${canary}${canary}`;
    const jwt = `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ${canary}.${canary}`;
    const names = "authorization x-api-key cookie user-agent referer origin accept x-request-id forwarded x-forwarded-for x-canary".split(
      " ",
    );
    for (const name of names) {
      for (const value of [canary, token, `Bearer ${token}`, `Bearer ${jwt}`, `Basic ${canary}`, `latchkey=${canary}`]) {
        await fetch(`${server.url}/whoami`, { headers: { [name]: value } });
      }
    }
    for (const query of [`api_key=${canary}`, `access_token=${jwt}`, `state=${canary}`, canary])
      await fetch(`${server.url}/whoami?${query}`);
    for (const path of [token, jwt, `Bearer%20${token}`]) await fetch(`${server.url}/${path}`);
    for (const body of [
      `{"name":"${canary}"`,
      `{"password":"${canary}"}`,
      JSON.stringify({ name: "x", scopes: [canary] }),
      `name=${canary}`,
    ]) {
      const headers = { "x-api-key": key, "content-type": body.startsWith("{") ? "application/json" : "application/x-www-form-urlencoded" };
      await fetch(`${server.url}/keys`, { method: "POST", headers, body });
    }
    await server.raw(`GET /${canary} HTTP/1.1\r\nHost: ${canary}\r\nX-Canary: ${canary}\r\nConnection: close\r\n\r\n`).catch(() => "");
    await fetch(`${server.url}/last-request`);
    await until(server, "/last-request");
    const log = linesOf(server)
      .filter(({ path }) => path !== `/${canary}`)
      .map((line) => JSON.stringify(line))
      .join("\n");
    expect(linesOf(server).length).toBeGreaterThan(names.length);
    expect(log).not.toContain(canary);
    expect(log).not.toContain(key.slice(8, -4));
    expect(server.program.errors()).toBe("");
    await server.stop();
  });
});

describe("a line of the log", () => {
  const written = async (terminal: boolean, facts: Record<string, unknown>, message = "message") => {
    let text = "";
    const log = createLog({ level: "info", terminal, out: (line) => (text += line) });
    log.write("info", message, facts);
    await log.flush();
    return text;
  };

  test("keeps what came from outside in one line, escaped [attack:AU-01] [asvs:V16.4.1]", async () => {
    const evil = 'a\r\n{"level":"fatal"}\u001B[31m';
    for (const terminal of [true, false]) {
      const text = await written(terminal, { path: evil });
      expect(text.trimEnd().split("\n")).toHaveLength(1);
      expect(text).not.toContain("\u001B[31m");
    }
  });

  test.each([
    [{ password: "hunter22" }, "hunter22"],
    [{ request: { authorization: "hunter22" } }, "hunter22"],
    [{ error: "connect postgres://ada:hunter22@db.test/x failed" }, "hunter22"],
    [{ error: "redis://:hunter22@redis.test" }, "hunter22"],
    [{ detail: `sk_live_${"Hunter22".repeat(4)}` }, "Hunter22"],
    [{ header: "basic aHVudGVyMjI=" }, "aHVudGVyMjI"],
  ])("leaves out what looks like a secret: %j", async (facts, secret) => {
    const text = await written(false, facts);
    expect(text).toContain("[redacted]");
    expect(text).not.toContain(secret);
  });

  test("is short on a terminal", async () => {
    expect(await written(true, { requestId: "req_1", status: 401 })).toMatch(
      /^\d\d:\d\d:\d\d .*info .* message {2}requestId=req_1 {2}status=401\n$/,
    );
  });
});

describe("what nobody caught", () => {
  test.each([
    ["setTimeout(() => { throw new Error('boom postgres://ada:hunter22@db.test'); }, 0)", "uncaught exception"],
    ["void Promise.reject(new Error('boom postgres://ada:hunter22@db.test'))", "unhandled rejection"],
  ])("is logged, and ends the process with code 3: %s", (mistake, told) => {
    const program = `
      import { lastResort } from "./src/lifecycle.ts";
      import { createLog } from "./src/log/index.ts";
      const flush = () => { process.stdout.write("flushed\\n"); return Promise.resolve(); };
      lastResort(createLog({ level: "info", terminal: false }), { flush });
      setInterval(() => undefined, 1000);
      ${mistake};`;
    const result = runSource(program);
    expect(result.status).toBe(3);
    expect(result.stdout).toContain("flushed");
    const line = JSON.parse(result.stdout.split("\n").find((one) => one.startsWith("{"))!) as Record<string, unknown>;
    expect(line).toMatchObject({ level: "fatal", message: `${told}: the process ends`, error: expect.stringContaining("boom") });
    expect(result.stdout).not.toContain("hunter22");
  });
});

/** Runs a program over the sources of the server, bundled for Node 20. */
function runSource(program: string): { status: number; stdout: string } {
  const bundle = `
    import { rolldown } from "rolldown";
    const input = "virtual:entry";
    const built = await rolldown({ input, platform: "node", external: [/^node:/],
      resolve: { conditionNames: ["@latchkey/source", "node", "import", "default"] },
      plugins: [{ name: "entry", resolveId: (id) => (id === input ? "${process.cwd()}/server/entry.ts" : null),
        load: (id) => (id.endsWith("/server/entry.ts") ? { code: ${JSON.stringify(program)}, moduleType: "ts" } : null) }] });
    const { output } = await built.generate({ format: "esm", codeSplitting: false });
    process.stdout.write(output[0].code);`;
  const code = execFileSync(process.execPath, ["--input-type=module", "--eval", bundle], { encoding: "utf8" });
  try {
    return { status: 0, stdout: execFileSync(process.execPath, ["--input-type=module", "-"], { encoding: "utf8", input: code }) };
  } catch (error) {
    return error as { status: number; stdout: string };
  }
}
