import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { command } from "./program.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lk-cli-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const run = async (...argv: string[]) => {
  const { exitCode, stdout, stderr } = await command([...argv, "--json"], { LATCHKEY_DATA: folder });
  return { exitCode, stderr, output: stdout === "" ? undefined : (JSON.parse(stdout) as Record<string, unknown>) };
};
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

test("a user is made with a password from a file, disabled, enabled, given another one and deleted", async () => {
  const password = file("password.txt", "four quiet grey horses\n");
  const made = await run("user", "create", "--email", "ada@example.com", "--password-file", password, "--role", "editor");
  expect(made).toMatchObject({ exitCode: 0, output: { email: "ada@example.com" } });
  expect(await run("user", "create", "--email", "ADA@example.com")).toMatchObject({ exitCode: 1 });
  expect(await run("user", "disable", "ada@example.com")).toMatchObject({ exitCode: 0, output: { id: made.output!.id, disabled: true } });
  expect(await run("user", "disable", "ada@example.com")).toMatchObject({ exitCode: 1 });
  expect(await run("user", "enable", made.output!.id as string)).toMatchObject({ exitCode: 0 });
  expect(await run("user", "set-password", "ada@example.com", "--password-file", password)).toMatchObject({ exitCode: 0 });
  expect(await run("user", "set-password", "ada@example.com")).toMatchObject({ exitCode: 2 });
  expect(await run("user", "delete", "ada@example.com")).toMatchObject({ exitCode: 0 });
  expect(await run("user", "delete", "ada@example.com")).toMatchObject({ exitCode: 1 });
});

test("a password that may not be chosen is wrong usage, and is not shown", async () => {
  const password = file("password.txt", "iloveyou1");
  const refused = await run("user", "create", "--email", "ada@example.com", "--password-file", password);
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toContain("password.common");
  expect(refused.stderr).not.toContain("iloveyou1");
});

test("roles are said, listed, granted and revoked", async () => {
  await run("user", "create", "--email", "ada@example.com");
  expect(await run("role", "set", "editor", "--permission", "posts:edit", "--permission", "posts:delete")).toMatchObject({
    exitCode: 0,
    output: { name: "editor", permissions: ["posts:delete", "posts:edit"] },
  });
  expect(await run("role", "grant", "ada@example.com", "editor")).toMatchObject({ exitCode: 0, output: { roles: ["editor"] } });
  expect(await run("role", "grant", "ada@example.com", "editor")).toMatchObject({ exitCode: 1 });
  expect(await run("role", "list")).toMatchObject({ output: { roles: [{ name: "editor", permissions: ["posts:delete", "posts:edit"] }] } });
  expect(await run("role", "revoke", "ada@example.com", "editor")).toMatchObject({ exitCode: 0, output: { roles: [] } });
  expect(await run("role", "revoke", "ada@example.com", "editor")).toMatchObject({ exitCode: 1 });
  expect(await run("role", "grant", "nobody@example.com", "editor")).toMatchObject({ exitCode: 1 });
});

test("an import tells bad lines by their number, says how far it is, and can be run again", async () => {
  const lines = [
    '{"email":"ada@example.com","passwordHash":"$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA"}',
    "",
    '{"email":"no address"}',
    "not json",
    '{"localId":"1","email":"bob@example.com","passwordHash":"bHNyZg==","salt":"c2FsdA=="}',
    '{"email":"eve@example.com"}',
  ];
  const users = file("users.ndjson", lines.join("\n"));
  const first = await run("user", "import", users);
  expect(first).toMatchObject({ exitCode: 1, output: { imported: 2, present: 0 } });
  expect((first.output!.bad as { line: number }[]).map(({ line }) => line)).toEqual([3, 4, 5]);
  expect(first.stderr).toContain("up to line 6: 2 imported");
  const hashing = file(
    "firebase.txt",
    "hash_config {\n  algorithm: SCRYPT,\n  base64_signer_key: anhzcHI4S2kwUlljVlU4,\n  base64_salt_separator: Bw==,\n  rounds: 8,\n  mem_cost: 14,\n}",
  );
  lines[4] = lines[4]!.replace("bHNyZg==", Buffer.alloc(64, 1).toString("base64"));
  file("users.ndjson", lines.join("\n"));
  const again = await run("user", "import", users, "--firebase-hashing", hashing);
  expect(again.output).toMatchObject({ imported: 1, present: 2 });
  expect(JSON.stringify(again)).not.toContain("aGFzaGhhc2");
});
