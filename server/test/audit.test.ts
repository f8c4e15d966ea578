import { rmSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import Libsql from "libsql";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { build, command, start, temporaryFolder } from "./program.ts";

let data: string;
let key: { id: string; key: string };
const run = (...argv: string[]) => command(argv, { LATCHKEY_DATA: data });

function byHand(statement: string): void {
  const database = new Libsql(join(data, "latchkey.db"));
  database.exec(statement);
  database.close();
}

beforeEach(async () => {
  data = temporaryFolder();
  key = JSON.parse((await run("key", "create", "--name", "ci", "--json")).stdout) as typeof key;
  await run("key", "rotate", key.id);
  await run("key", "revoke", key.id);
});

afterEach(() => rmSync(data, { recursive: true, force: true }));

describe("latchkey audit list", () => {
  test("shows what was done on the command line, by whom, newest first, and no secret", async () => {
    const { stdout, exitCode } = await run("audit", "list");
    expect(exitCode).toBe(0);
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => line.split(/ {2,}/).slice(1, 4).join(" ")),
    ).toEqual(["revoked", "rotated", "created"].map((act) => `api-key.${act} done cli:${userInfo().username} for ${key.id}`));
    expect(stdout).not.toContain(key.key);
  });

  test("is one JSON document with --json", async () => {
    const { events } = JSON.parse((await run("audit", "list", "--json", "--action", "api-key.revoked")).stdout) as { events: unknown[] };
    expect(events).toEqual([
      expect.objectContaining({ action: "api-key.revoked", credentialId: key.id, at: expect.stringMatching(/^2\d{3}-.*Z$/) }),
    ]);
  });

  test("exports a JSON document a line, oldest first", async () => {
    const lines = (await run("audit", "list", "--ndjson")).stdout.trim().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { action: string }).action)).toEqual([
      "api-key.created",
      "api-key.rotated",
      "api-key.revoked",
    ]);
  });

  test.each([
    [["--since", "1h"], 3],
    [["--since", "2099-01-01"], 0],
    [["--until", "2026-01-01T00:00:00Z"], 0],
    [["--actor", "usr_other"], 0],
    [["--limit", "2"], 2],
  ])("is filtered: %j", async (argv, count) => {
    const { events } = JSON.parse((await run("audit", "list", "--json", ...argv)).stdout) as { events: unknown[] };
    expect(events).toHaveLength(count);
  });

  test.each([
    [["--since", "yesterday"], "--since"],
    [["--since", "2026-11-24T09:00"], "--since"],
    [["--limit", "0"], "--limit"],
    [["--what", "x"], "--what"],
  ])("refuses wrong usage with exit code 2: %j", async (argv, told) => {
    expect(await run("audit", "list", ...argv)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(told) });
  });
});

describe("latchkey audit tail", () => {
  test("shows the newest last", async () => {
    const { stdout } = await run("audit", "tail");
    expect(stdout.trim().split("\n").at(-1)).toContain("api-key.revoked");
  });
});

describe("latchkey audit tail --follow", () => {
  beforeAll(() => build(), 90_000);

  test("shows the newest and then what comes, each once, until it is interrupted", async () => {
    const program = start("server/dist/bin.js", ["audit", "tail", "--follow"], { LATCHKEY_DATA: data });
    const seen = (text: string) =>
      program
        .output()
        .split("\n")
        .filter((line) => line.includes(text)).length;
    await program.until(/api-key\.revoked/);
    const { id } = JSON.parse((await run("key", "create", "--name", "later", "--json")).stdout) as { id: string };
    await program.until(new RegExp(`api-key\\.created.*${id}`));
    await run("key", "revoke", id);
    await program.until(new RegExp(`api-key\\.revoked.*${id}`));
    await program.stop("SIGINT");
    expect([seen(key.id), seen(id)]).toEqual([3, 2]);
  });
});

describe("latchkey audit verify", () => {
  test("passes, and exits 1 with the number of the row that was changed by hand [attack:AU-04]", async () => {
    expect(await run("audit", "verify")).toMatchObject({ exitCode: 0, stdout: "The audit log is sound: 3 events in 1 chain.\n" });
    byHand("update latchkey_audit_event set actor = 'cli:somebody' where seq = 2");
    const bad = await run("audit", "verify");
    expect(bad).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('number 2 of "local"') });
    expect(JSON.parse((await run("audit", "verify", "--json")).stdout)).toMatchObject({ sound: false, writer: "local", seq: 2 });
  });
});
