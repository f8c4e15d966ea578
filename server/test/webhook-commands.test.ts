import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startReceiver } from "../../library/test/webhook-receiver.ts";
import { command, latchkey, type Served, served } from "./program.ts";

let server: Served;
let folder: string;
beforeAll(async () => {
  server = await served();
  folder = mkdtempSync(join(tmpdir(), "latchkey-webhook-"));
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});
const json = async (...argv: string[]) => {
  const { exitCode, stdout } = await server.latchkey("webhook", ...argv, "--json");
  return { exitCode, output: JSON.parse(stdout) as Record<string, unknown> };
};

test("a server tells an endpoint what a command does", async () => {
  const receiver = await startReceiver((_message, response) => response.writeHead(204).end());
  const { output } = await json("create", "--url", receiver.url, "--event", "key.revoked");
  const { id } = await server.makeKey();
  await server.latchkey("key", "revoke", id);
  await receiver.atLeast(1);
  const { body, headers } = receiver.received[0]!;
  expect(new Webhook(output["secret"] as string).verify(body, headers)).toMatchObject({ type: "key.revoked", data: { credential_id: id } });
  expect((await json("list")).output).toMatchObject({ endpoints: [{ id: output["id"], state: "enabled", events: ["key.revoked"] }] });
  expect((await json("disable", output["id"] as string)).exitCode).toBe(0);
  expect((await json("disable", output["id"] as string)).exitCode).toBe(1);
  expect((await json("enable", output["id"] as string)).exitCode).toBe(0);
  expect((await json("rotate-secret", output["id"] as string)).output["secret"]).toMatch(/^whsec_/);
  expect((await json("deliveries", "--state", "lost")).exitCode).toBe(2);
  expect((await json("redeliver", "whd_nobody")).exitCode).toBe(1);
  expect((await json("delete", output["id"] as string)).exitCode).toBe(0);
  expect((await json("deliveries")).output).toEqual({ deliveries: [] });
  await receiver.close();
});

test("signs as the library of Standard Webhooks does, and says what is signed wrongly", async () => {
  const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=";
  const [secretFile, body, other] = ["secret", "body", "other"].map((name) => join(folder, name)) as [string, string, string];
  writeFileSync(secretFile, `${secret}\n`);
  writeFileSync(body, '{"a": "ë"}\n');
  writeFileSync(other, '{"a":"ë"}\n');
  const run = (...argv: string[]) => command(["webhook", ...argv, "--secret-file", secretFile], server.environment);
  const signed = await run("sign", body, "--id", "msg_1", "--timestamp", "1767225600");
  expect(signed.stdout).toContain(new Webhook(secret).sign("msg_1", new Date(1_767_225_600_000), '{"a": "ë"}\n'));
  const headers = signed.stdout
    .trim()
    .split("\n")
    .flatMap((line) => ["--header", line]);
  expect(await run("verify", body, ...headers)).toMatchObject({ exitCode: 0, stdout: "The signature fits.\n" });
  expect((await run("verify", other, ...headers)).exitCode).toBe(1);
  expect((await run("verify", body)).exitCode).toBe(1);
  expect((await run("verify", body, "--scheme", "nobody")).exitCode).toBe(2);
  expect((await command(["webhook", "verify", body], server.environment)).exitCode).toBe(2);
});

test("revokes a key that is read from standard input, and says when it is none", async () => {
  const { key } = await server.makeKey();
  const report = (input: string) => latchkey(["key", "report-leak", "--json"], server.environment, input);
  expect(JSON.parse((await report(`${key}\n`)).stdout)).toEqual({ verdict: "revoked" });
  expect((await server.whoami(key)).status).toBe(401);
  expect((await report("nothing")).exitCode).toBe(1);
});
