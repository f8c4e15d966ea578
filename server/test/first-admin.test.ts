import { afterAll, beforeAll, expect, test } from "vitest";
import { build, type Served, served, start } from "./program.ts";

let server: Served;
let token: string;

beforeAll(async () => {
  build();
  server = await served();
  token = /Console: \S+\/admin\/setup#(\w{43})\b/.exec(server.banner)![1]!;
}, 90_000);

afterAll(() => server.stop());

const come = (secret: string, email = "root@example.com") =>
  fetch(`${server.url}/admin/api/first-admin`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token: secret, email, password: "four quiet grey horses" }),
  });

test("the first start prints a link that makes the first administrator, signed in, once [attack:AD-01]", async () => {
  const wrong = await come("x".repeat(43));
  expect([wrong.status, await wrong.json()]).toEqual([403, expect.objectContaining({ code: "account.invitation-invalid" })]);
  const made = await come(token);
  expect(made.status).toBe(201);
  const cookie = made.headers.get("set-cookie")!.split(";")[0]!;
  const me = (await (await fetch(`${server.url}/whoami`, { headers: { cookie } })).json()) as { roles: string[]; method: string };
  expect(me).toMatchObject({ roles: ["admin"], method: "session" });
  expect((await fetch(`${server.url}/admin/api/users`, { headers: { cookie } })).status).toBe(200);
  expect((await come(token, "second@example.com")).status).toBe(403);
});

test("the secret of the link is in no event of the audit", async () => {
  const { stdout } = await server.latchkey("audit", "list", "--json");
  expect(stdout).toContain("admin.invited");
  expect(stdout).not.toContain(token);
});

test("later starts print the plain address; a user with the role is an administrator too", async () => {
  await server.program.stop();
  const again = start("server/dist/bin.js", ["serve"], server.environment);
  const banner = await again.until(/Make a key/);
  expect(banner).toMatch(/Console: http:\/\/localhost:\d+\/admin\n/);
  const made = await server.latchkey("user", "create", "--email", "ops@example.com", "--role", "admin", "--json");
  const { id } = JSON.parse(made.stdout) as { id: string };
  const { stdout } = await server.latchkey("key", "create", "--name", "ops", "--owner", id, "--scope", "admin:users:read", "--json");
  const url = /http:\/\/localhost:\d+/.exec(banner)![0];
  const { key } = JSON.parse(stdout) as { key: string };
  expect((await fetch(`${url}/admin/api/users`, { headers: { "x-api-key": key } })).status).toBe(200);
  await again.stop();
});
