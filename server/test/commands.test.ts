import { hash } from "node:crypto";
import { existsSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { build, command, latchkey, type Served, served, temporaryFolder } from "./program.ts";

let server: Served;

beforeAll(async () => {
  build();
  server = await served({ LATCHKEY_IMPORTED_PREFIXES: "sk_live_" });
}, 90_000);

afterAll(() => server.stop());

describe("beside a running server", () => {
  test("revoke a key so that the next request is refused, and explain says why", async () => {
    const { id, key } = await server.makeKey();
    expect((await server.whoami(key)).status).toBe(200);
    expect(await server.latchkey("key", "revoke", id)).toMatchObject({ exitCode: 0 });
    const refused = await server.whoami(key);
    expect(refused.status).toBe(401);
    const explained = await server.latchkey("explain", refused.headers.get("x-request-id")!, "--json");
    expect(JSON.parse(explained.stdout)).toMatchObject({ outcome: "api-key.revoked", at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) });
    expect(explained.stdout).not.toContain(key);
    expect(await server.latchkey("key", "revoke", id)).toMatchObject({ exitCode: 1 });
  });

  test("explain an allowed request with every instant in RFC 3339", async () => {
    const { key } = await server.makeKey("--expires", "90d");
    const allowed = await server.whoami(key);
    const { stdout } = await server.latchkey("explain", allowed.headers.get("x-request-id")!, "--json");
    const event = JSON.parse(stdout) as { outcome: string; at: string; principal: Record<string, unknown> };
    expect(event.outcome).toBe("allowed");
    for (const instant of [event.at, event.principal.authenticatedAt, event.principal.expiresAt]) {
      expect(instant).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    }
  });

  test("need no secret, since the server has it", async () => {
    const environment = { LATCHKEY_DATA: server.data, LATCHKEY_ISSUER: "https://auth.test" };
    expect(await command(["key", "list"], environment)).toMatchObject({ exitCode: 0 });
  });

  test("print one JSON document with --json, and nothing else", async () => {
    const { stdout, stderr } = await server.latchkey("key", "list", "--json");
    expect(JSON.parse(stdout)).toHaveProperty("keys");
    expect(stderr).toBe("");
    expect(JSON.parse((await server.latchkey("key", "revoke", "key_none", "--json")).stdout)).toHaveProperty("error");
  });

  test("do not reach a server on another database than theirs", async () => {
    const other = join(server.data, "other.db");
    const { id } = await server.makeKey();
    const answer = await server.latchkey("key", "revoke", id, "--database", other);
    expect(answer).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("no database") });
  });
});

describe("wrong usage", () => {
  test.each([
    [["key", "fly"], "Allowed: key create, key list,"],
    [["fly"], "Allowed: serve, init, user …,"],
    [["key"], "key begins several commands: key create, key list,"],
    [["kye", "list"], "Did you mean key list?"],
    [["serv"], "Did you mean serve?"],
    [["key", "create", "--nam", "x"], "Did you mean --name?"],
    [["key", "create", "--name", "x", "--expires", "soon"], "expires"],
    [["key", "create", "--name", "x", "--address", "300.1.1.1"], "allowedAddresses"],
    [["key", "create", "--name", "x", "--rate", "1000"], "rateLimit"],
    [["key", "revoke"], "Example:"],
    [["key", "list", "extra"], "no argument"],
    [["key", "list", "--owner"], "--owner"],
  ])("is answered with exit code 2 and what is allowed: %j", async (argv, told) => {
    expect(await server.latchkey(...argv)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(told) });
  });

  test("is never needed to find help: every command has one, with an example", async () => {
    const { stdout } = await command(["--help"], {});
    const names = [...stdout.matchAll(/^ {2}([a-z]+(?: [a-z-]+)?) {2,}\S/gm)].map((match) => match[1]!);
    expect(names.length).toBeGreaterThanOrEqual(10);
    expect(names).toContain("webhook rotate-secret");
    const keys = await command(["key", "--help"], {});
    expect(keys).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^latchkey key: .*\n {2}key create {2,}\S/s) });
    expect(keys.stdout).not.toContain("user create");
    for (const name of names) {
      const help = await command([...name.split(" "), "--help"], {});
      expect(help).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/--json.*\nExample: .*latchkey /s) });
    }
  });
});

test("the version is told", async () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "../package.json"), "utf8")) as { version: string };
  expect(await command(["--version"], {})).toMatchObject({ exitCode: 0, stdout: `${version}\n` });
});

describe("without a server", () => {
  test.each([
    ["key", "list"],
    ["user", "list"],
    ["key", "revoke", "key_x"],
    ["explain", "req_x"],
  ])("do not make a folder or a secret out of a mistyped path: %j", async (...argv) => {
    const data = join(temporaryFolder(), "typo");
    expect(await command([...argv, "--data", data], {})).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(data) });
    expect(existsSync(data)).toBe(false);
  });

  test("open the database themselves, and leave it clean for the server", async () => {
    const data = temporaryFolder();
    const made = JSON.parse((await command(["key", "create", "--name", "x", "--json", "--data", data], {})).stdout) as { id: string };
    const { keys } = JSON.parse((await command(["key", "list", "--json", "--data", data], {})).stdout) as { keys: { id: string }[] };
    expect(keys.map(({ id }) => id)).toEqual([made.id]);
    rmSync(data, { recursive: true });
  });

  test("end with exit code 3 when the database cannot be opened", async () => {
    const data = temporaryFolder();
    writeFileSync(join(data, "latchkey.db"), "this is no database, but it is long enough to be looked at as one");
    expect(await command(["key", "list", "--data", data], {})).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining("latchkey.db"),
    });
    rmSync(data, { recursive: true });
  });
});

describe("init", () => {
  test("writes a configuration that loads and a secret for its owner, and never overwrites", async () => {
    const folder = temporaryFolder();
    const first = await latchkey(["init"], {}, "", folder);
    expect(first.exitCode).toBe(0);
    const secret = readFileSync(join(folder, ".latchkey/secret"), "utf8");
    expect(statSync(join(folder, ".latchkey/secret")).mode & 0o777).toBe(0o600);
    expect(first.stdout + first.stderr).not.toContain(secret.trim());
    expect(await latchkey(["serve", "--print-config"], {}, "", folder)).toMatchObject({ exitCode: 0 });
    expect(await latchkey(["init"], {}, "", folder)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("latchkey.config.js") });
    unlinkSync(join(folder, "latchkey.config.js"));
    expect(await latchkey(["init"], {}, "", folder)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("secret") });
    expect(readFileSync(join(folder, ".latchkey/secret"), "utf8")).toBe(secret);
    rmSync(folder, { recursive: true });
  });
});

describe("key import", () => {
  const line = (key: string, more = {}) =>
    JSON.stringify({
      sha256: hash("sha256", key),
      prefix: "sk_live_",
      lastFour: key.slice(-4),
      name: "old",
      scopes: ["posts:read"],
      ...more,
    });

  test("takes over keys hashed elsewhere, names bad lines by number, and can be run again", async () => {
    const keys = Array.from({ length: 1_200 }, (_, index) => `sk_live_${String(index).padStart(32, "x")}`);
    const lines = keys.map((key) => line(key));
    lines.splice(700, 0, "{not json", "", line("sk_test_1", { prefix: "sk_test_" }), line("sk_live_2", { sha256: "abc" }));
    const argv = ["key", "import", "-", "--json"];
    const run = () => latchkey(argv, server.environment, lines.join("\n"));
    const first = await run();
    expect(first.exitCode).toBe(1);
    const { imported, present, bad } = JSON.parse(first.stdout) as {
      imported: number;
      present: number;
      bad: { line: number; error: string }[];
    };
    expect([imported, present]).toEqual([1_200, 0]);
    expect(bad.map((one) => one.line)).toEqual([701, 703, 704]);
    expect(bad[1]!.error).toContain("importedPrefixes");
    expect(first.stderr).toMatch(/up to line 1204/);
    for (const key of [keys[0]!, keys[1_199]!]) expect((await server.whoami(key)).status).toBe(200);
    expect(JSON.parse((await run()).stdout)).toMatchObject({ imported: 0, present: 1_200 });
  });

  test("reads a file, and says so when it is not there", async () => {
    const file = join(server.data, "keys.ndjson");
    writeFileSync(file, line("sk_live_from_a_file_0123456789abcdefgh"));
    expect(await server.latchkey("key", "import", file)).toMatchObject({ exitCode: 0, stdout: "1 imported, 0 here already, 0 bad.\n" });
    expect(await server.latchkey("key", "import", `${file}.gone`)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("does not exist"),
    });
  });
});
