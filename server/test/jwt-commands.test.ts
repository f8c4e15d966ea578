import { generateKeyPairSync } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { build, command, latchkey, temporaryFolder } from "./program.ts";

const folder = temporaryFolder();
const environment = { LATCHKEY_DATA: join(folder, "data") };
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text, { mode: 0o600 });
  return join(folder, name);
};
const run = (...argv: string[]) => command(["jwt", ...argv], environment);
const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
const key = file("key.pem", pair.privateKey.export({ type: "pkcs8", format: "pem" }) as string);
const seconds = Math.floor(Date.now() / 1_000);
const claims = file(
  "claims.json",
  JSON.stringify({ iss: "https://a.example", sub: "ada", said: "x\u001b[2J", aud: "https://b.example", exp: seconds + 600 }),
);

beforeAll(() => build("server"), 240_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a token is signed, decoded and verified, in words and as JSON", async () => {
  const signed = await run("sign", "--key", key, "--file", claims);
  expect(signed.exitCode).toBe(0);
  const token = file("token", signed.stdout);
  const decoded = await run("decode", "--file", token);
  expect([decoded.exitCode, decoded.stderr]).toEqual([0, ""]);
  expect(decoded.stdout).toContain("NOT CHECKED: anybody can write a token that says this.");
  // What a token says never steers the terminal.
  expect(decoded.stdout).toContain("x\\u001b[2J");
  expect(decoded.stdout).toMatch(/exp +\d{4}-.*Z \(in 9 minutes\)/);

  const good = await run("verify", "--key", key, "--file", token, "--audience", "https://b.example", "--json");
  expect([good.exitCode, JSON.parse(good.stdout)]).toMatchObject([0, { accepted: true, signature: "good" }]);
  const bad = await run("verify", "--key", key, "--file", token, "--audience", "https://c.example");
  expect(bad.exitCode).toBe(1);
  expect(bad.stdout).toContain("It is refused.");
  expect(bad.stdout).toContain("It is for https://b.example; wanted: https://c.example.");
});

test("the keys of the data folder sign and verify, and say what was revoked", async () => {
  expect((await command(["role", "set", "reader"], environment)).exitCode).toBe(0);
  const own = file(
    "own.json",
    JSON.stringify({
      sub: "svc",
      sub_kind: "service",
      aud: "http://localhost:3000",
      client_id: "x",
      exp: seconds + 600,
      jti: "jwt_1_abcdefghij",
    }),
  );
  const signed = await run("sign", "--file", own, "--type", "at+jwt");
  expect(signed.exitCode).toBe(0);
  const token = file("own", signed.stdout);
  const good = await run("verify", "--file", token, "--json");
  expect([good.exitCode, JSON.parse(good.stdout)]).toMatchObject([0, { accepted: true, payload: { iss: "http://localhost:3000" } }]);
  expect((await command(["token", "revoke", "--id", "jwt_1_abcdefghij"], environment)).exitCode).toBe(0);
  const revoked = await run("verify", "--file", token);
  expect(revoked.exitCode).toBe(1);
  expect(revoked.stdout).toContain("Its issuer refuses it: jwt.revoked");
});

test.each([
  [["decode", "a.b.c"], 2, "takes no argument"],
  [["decode", "--file", "/nowhere"], 2, "/nowhere cannot be read"],
  [["verify", "--file", claims, "--key", key, "--jwks", key], 2, "say once where the keys are"],
  [["verify", "--file", claims, "--key", claims], 2, "key: got undefined; allowed: a JWK"],
  [["verify", "--file", claims, "--key", key, "--tolerance", "61"], 2, "allowed: 0 to 60 seconds"],
  [["verify", "--file", claims, "--issuer", "http://127.0.0.1:9"], 3, "LATCHKEY_ISSUER_UNAVAILABLE"],
  [["sign", "--file", key, "--key", key], 2, "the claims are not JSON"],
] as const)("%j ends with %d", async (argv, exitCode, said) => {
  const ended = await run(...argv);
  expect([ended.exitCode, ended.stderr]).toEqual([exitCode, expect.stringContaining(said)]);
});

test("what is no token at all is exit code 1, from standard input as from a file", async () => {
  const ended = await latchkey(["jwt", "decode"], environment, "not a token\n");
  expect(ended.exitCode).toBe(1);
  expect(ended.stdout).toContain("It has 1 part between dots; a signed token has three.");
});
