import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "libsql";
import { afterEach, describe, expect, test } from "vitest";
import { scenarios } from "../src/commands/scenarios.ts";
import { runtime } from "../src/doctor/configuration.ts";
import { command, temporaryFolder } from "./program.ts";

interface Finding {
  readonly practice: string;
  readonly state: string;
  readonly found: string;
  readonly mend?: string;
}

const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true })));

function dataFolder(): string {
  const folder = temporaryFolder();
  folders.push(folder);
  return folder;
}

const secret = "W0cHqbcRIk0Z7C8yRUXQ2q8Cj3TTuJX3Qw0v5m1xZ1E=";

async function examine(environment: NodeJS.ProcessEnv) {
  const { exitCode, stdout } = await command(["doctor", "--json"], environment);
  const { findings } = JSON.parse(stdout) as { findings: readonly Finding[] };
  return { exitCode, of: (practice: RegExp) => findings.find((finding) => practice.test(finding.practice)), findings };
}

describe("latchkey doctor", () => {
  test("finds nothing to mend in a fresh development folder", async () => {
    const environment = { LATCHKEY_DATA: dataFolder() };
    expect(await command(["key", "create", "--name", "ci", "--expires", "90d"], environment)).toMatchObject({ exitCode: 0 });
    const { exitCode, findings, of } = await examine(environment);
    expect(findings.filter(({ state }) => state === "problem")).toEqual([]);
    expect(of(/audit log is whole/)).toMatchObject({ state: "good" });
    expect(of(/credentials expire/)).toMatchObject({ state: "good", found: "1 key in force, each with an end" });
    expect(exitCode).toBe(0);
  });

  test("names a key without an end, a folder that others can read, and what would let anybody claim an address", async () => {
    const data = dataFolder();
    const environment = { LATCHKEY_DATA: data, LATCHKEY_TRUST_PROXY: "0.0.0.0/0", LATCHKEY_LOG_LEVEL: "silent" };
    const { stdout } = await command(["key", "create", "--name", "for-ever", "--json"], environment);
    const { id } = JSON.parse(stdout) as { id: string };
    chmodSync(data, 0o755);
    const { exitCode, of } = await examine(environment);
    expect(of(/credentials expire/)).toMatchObject({ state: "warning", found: `1 key without an end: ${id} (for-ever)` });
    expect(of(/data folder/)).toMatchObject({ state: "warning", mend: `chmod 700 ${data}` });
    expect(of(/client's address/)).toMatchObject({ state: "problem", found: expect.stringContaining("0.0.0.0/0") });
    expect(of(/attempts are logged/)).toMatchObject({ state: "warning" });
    expect(exitCode).toBe(1);
  });

  test("tells a secret that others can read, and still what else it knows", async () => {
    const data = dataFolder();
    mkdirSync(data, { recursive: true, mode: 0o700 });
    const file = join(data, "master");
    writeFileSync(file, secret, { mode: 0o644 });
    const { exitCode, of } = await examine({ LATCHKEY_DATA: data, LATCHKEY_SECRET_FILE: file });
    expect(of(/master secret/)).toMatchObject({ state: "problem", mend: expect.stringContaining(`chmod 600 ${file}`) });
    expect(of(/data can be read/)).toMatchObject({ state: "problem", found: expect.stringContaining("no database") });
    expect(of(/guessing is limited/)).toMatchObject({ state: "good" });
    expect(exitCode).toBe(1);
  });

  test("tells an https issuer that nothing serves, neither a certificate nor a trusted proxy", async () => {
    const environment = { LATCHKEY_DATA: dataFolder(), LATCHKEY_ISSUER: "https://auth.example.com", LATCHKEY_SECRET: secret };
    expect((await examine(environment)).of(/travel encrypted/)).toMatchObject({
      state: "warning",
      mend: expect.stringMatching(/--tls-cert.*LATCHKEY_TRUST_PROXY/),
    });
    expect((await examine({ ...environment, LATCHKEY_TRUST_PROXY: "10.0.0.1" })).of(/travel encrypted/)).toMatchObject({ state: "good" });
  });

  test("tells where nonces of signed requests are remembered, and warns where other servers would not see them", async () => {
    const environment = { LATCHKEY_DATA: dataFolder(), LATCHKEY_MESSAGE_SIGNATURES: "on" };
    const of = async (more: NodeJS.ProcessEnv) => (await examine({ ...environment, ...more })).of(/signed request is good once/);
    expect(await of({ LATCHKEY_MESSAGE_SIGNATURES: "off" })).toBeUndefined();
    expect(await of({})).toMatchObject({
      state: "good",
      found: "for http://localhost:3000; nonces are remembered in the server's process",
    });
    const postgres = { LATCHKEY_DATABASE_URL: "postgres://latchkey@127.0.0.1:1/none" };
    expect(await of(postgres)).toMatchObject({ state: "warning", mend: expect.stringContaining("LATCHKEY_REDIS_URL") });
    expect(await of({ ...postgres, LATCHKEY_REDIS_URL: "redis://127.0.0.1:1" })).toMatchObject({ state: "good" });
  });

  test("finds a row of the audit log that somebody changed", async () => {
    const data = dataFolder();
    const environment = { LATCHKEY_DATA: data };
    await command(["key", "create", "--name", "ci"], environment);
    const database = new Database(join(data, "latchkey.db"));
    database.prepare("update latchkey_audit_event set address = '203.0.113.9'").run();
    database.close();
    expect((await examine(environment)).of(/audit log is whole/)).toMatchObject({ state: "problem" });
  });

  test("asks for TLS to a database elsewhere, and for a proxy's address where it may be behind one", async () => {
    const { of } = await examine({
      LATCHKEY_DATA: dataFolder(),
      LATCHKEY_HOST: "0.0.0.0",
      LATCHKEY_ISSUER: "https://auth.example.com",
      LATCHKEY_SECRET: secret,
      LATCHKEY_DATABASE_URL: "postgres://latchkey@203.0.113.1:1/latchkey?connect_timeout=1",
    });
    expect(of(/database is encrypted/)).toMatchObject({ state: "warning", found: "sslmode=none, to 203.0.113.1" });
    expect(of(/client's address/)).toMatchObject({ state: "warning" });
    expect(of(/travel encrypted/)).toMatchObject({ state: "warning" });
  });

  test("says when the runtime is out of support", () => {
    expect(runtime("20.19.0", new Date("2026-04-30T12:00:00Z")).state).toBe("good");
    expect(runtime("20.19.0", new Date("2026-05-01T00:00:00Z")).state).toBe("warning");
    expect(runtime("99.0.0", new Date("2030-01-01T00:00:00Z")).state).toBe("good");
  });
});

describe("latchkey choose", () => {
  test("has a row for each of the eight scenarios, and a guide that is there", async () => {
    const { exitCode, stdout } = await command(["choose"], {});
    expect(exitCode).toBe(0);
    expect(scenarios).toHaveLength(8);
    for (const { name, guide } of scenarios) {
      expect(stdout).toContain(name);
      expect(existsSync(fileURLToPath(new URL(`../../docs/guides/${guide}.md`, import.meta.url)))).toBe(true);
    }
  });

  test("tells why, what not to do, and how to begin", async () => {
    const { stdout } = await command(["choose", "--for", "webhooks"], {});
    expect(stdout).toMatch(/HMAC signatures[^]*Not: a secret in the URL[^]*guard\(auth[^]*docs\/guides\/webhooks\.md/);
    expect(JSON.parse((await command(["choose", "--for", "spa", "--json"], {})).stdout)).toMatchObject({ scenarios: [{ name: "spa" }] });
  });

  test("says what is allowed for one that it does not know", async () => {
    expect(await command(["choose", "--for", "webhook"], {})).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/Did you mean webhooks\?[^]*Allowed: web-app/),
    });
  });
});
