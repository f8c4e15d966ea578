// Leaked keys at a server of its own: alerts of GitHub, and the mail that their owner gets.
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { type AlertingGithub, alertingGithub } from "../../library/test/github-alerts.ts";
import { mailServer, type MailServer } from "../../library/test/mail-server.ts";
import { build, command, latchkey, type Served, served } from "./program.ts";

let server: Served;
let github: AlertingGithub;
let mails: MailServer;
const closing: (() => Promise<unknown>)[] = [];
beforeAll(() => build(), 300_000);
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function start(setting: (keysUrl: string) => string): Promise<void> {
  github = await alertingGithub();
  mails = await mailServer();
  server = await served({ LATCHKEY_LEAKS_GITHUB: setting(github.keysUrl), LATCHKEY_SMTP_URL: mails.url });
  closing.push(server.stop, github.close, mails.close);
}
const alert = (tokens: readonly string[]) => {
  const body = JSON.stringify(tokens.map((token) => ({ token, type: "latchkey_key", url: "https://github.com/acme/app" })));
  return fetch(`${server.url}/leaks/github`, { method: "POST", body, headers: github.headersOf(body) });
};

test("a server that listens to GitHub revokes the key of an alert, and mails its owner", async () => {
  await start((keysUrl) => keysUrl);
  const made = await latchkey(
    ["user", "create", "--email", "ada@example.com", "--password-stdin", "--json"],
    server.environment,
    "four quiet grey horses",
  );
  const { id: owner } = JSON.parse(made.stdout) as { id: string };
  const { key, id } = await server.makeKey("--owner", owner);
  expect((await server.whoami(key)).status).toBe(200);
  const answer = await alert([key]);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject([{ label: "true_positive", token_type: "latchkey_key" }]);
  expect((await server.whoami(key)).status).toBe(401);
  await vi.waitFor(() => expect(mails.mails).toMatchObject([{ recipients: ["ada@example.com"] }]), { timeout: 30_000 });
  expect(mails.mails[0]!.text).toContain('the key "test" of your account');
  const { stdout } = await server.latchkey("audit", "list", "--json");
  expect(stdout).toContain("api-key.leaked");
  expect(stdout).toContain(id);
});

test("a server that was not told to listens to no alert", async () => {
  await start(() => "off");
  const { key } = await server.makeKey();
  expect((await alert([key])).status).toBe(404);
  expect((await server.whoami(key)).status).toBe(200);
});

test.each(["yes", "http://keys.example.com/", "ftp://keys.example.com/"])("LATCHKEY_LEAKS_GITHUB=%s stops the start", async (value) => {
  expect(await command(["serve", "--print-config"], { LATCHKEY_LEAKS_GITHUB: value })).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/LATCHKEY_LEAKS_GITHUB[\s\S]*on, off, or the https URL/),
  });
});
