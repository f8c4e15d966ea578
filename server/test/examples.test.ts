import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { build, type Program, type Served, served, start } from "./program.ts";

// What examples/README.md says, as somebody without a browser's window would do it.
const email = "ada@example.com";
const password = "four quiet grey horses";
const html = { accept: "text/html" };
const form = { "content-type": "application/x-www-form-urlencoded" };
let server: Served;
let app: Program | undefined;

beforeAll(async () => {
  build("library");
  server = await served();
  const file = join(server.data, "password");
  writeFileSync(file, password);
  await server.latchkey("user", "create", "--email", email, "--verified", "--password-file", file);
}, 240_000);
afterEach(async () => {
  await app?.stop();
  app = undefined;
});
afterAll(() => server?.stop());

async function run(file: string, environment: NodeJS.ProcessEnv = {}): Promise<string> {
  app = start(`examples/${file}`, [], { LATCHKEY_DATA: server.data, PORT: "0", ...environment });
  return /https?:\S+/.exec(await app.until(/http:\S+\n/))![0];
}

async function newClient(...options: string[]): Promise<{ readonly client_id: string; readonly client_secret: string }> {
  const made = await server.latchkey("client", "create", "--name", "test", "--json", ...options);
  return JSON.parse(made.stdout) as { client_id: string; client_secret: string };
}

/** A browser that keeps its cookies, and stops at each redirect. */
function newBrowser() {
  const jar = new Map<string, string>();
  return async (url: string | URL, init: RequestInit = {}): Promise<Response> => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(url, {
      redirect: "manual",
      ...init,
      headers: { ...html, cookie, ...(init.headers as Record<string, string>) },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      jar.set(name!, value!);
    }
    return answer;
  };
}

const post = (origin: string, fields: Record<string, string>): RequestInit => ({
  method: "POST",
  headers: { ...form, origin },
  body: new URLSearchParams(fields).toString(),
});
const placeOf = (answer: Response, site: string): URL => new URL(answer.headers.get("location") ?? "", site);

async function tokenOf(issuer: string, client: { readonly client_id: string; readonly client_secret: string }): Promise<string> {
  const authorization = `Basic ${Buffer.from(`${client.client_id}:${client.client_secret}`).toString("base64")}`;
  const answer = await fetch(`${issuer}/oauth/token`, {
    method: "POST",
    headers: { ...form, authorization },
    body: "grant_type=client_credentials",
  });
  return ((await answer.json()) as { access_token: string }).access_token;
}

describe("the examples", { timeout: 120_000 }, () => {
  test("web-app: sends to sign in and back, keeps a note as text, and refuses the form of another site", async () => {
    const site = new URL(await run("web-app/server.js")).origin;
    const browser = newBrowser();
    const asked = placeOf(await browser(`${site}/`), site);
    expect(asked.pathname + asked.search).toBe("/login?return=%2F");
    expect(placeOf(await browser(`${site}/login`, post(site, { email, password, return: "/" })), site).pathname).toBe("/");
    expect((await browser(`${site}/notes`, post("https://evil.example", { text: "theirs" }))).status).toBe(403);
    expect((await browser(`${site}/notes`, post(site, { text: "<b>mine</b>" }))).status).toBe(303);
    const page = await (await browser(`${site}/`)).text();
    expect(page).toContain("&#60;b&#62;mine");
    expect(page).not.toContain("theirs");
    expect((await browser(`${site}/logout`, post(site, {}))).status).toBe(303);
    expect((await browser(`${site}/`)).status).toBe(303);
  });

  test("native-app: gets a token by the browser, without a secret", async () => {
    const scopes = ["--scope", "openid", "--scope", "posts:read"];
    const redirect = ["--redirect-uri", "http://127.0.0.1/callback"];
    const client = await newClient("--auth", "none", "--grant", "authorization_code", ...redirect, ...scopes);
    const url = await run("native-app/app.js", { ISSUER: server.url, CLIENT_ID: client.client_id });
    const browser = newBrowser();
    await browser(`${server.url}/login`, post(server.url, { email, password }));
    const page = await (await browser(url)).text();
    const field = (name: string): string => new RegExp(`name="${name}" value="([^"]*)"`).exec(page)![1]!.replaceAll("&amp;", "&");
    const fields = { csrf_token: field("csrf_token"), request: field("request"), decision: "allow" };
    const back = await browser(`${server.url}/oauth/authorize/decision`, post(server.url, fields));
    expect(await (await browser(placeOf(back, server.url))).text()).toContain("You are signed in");
    expect(await app!.until(/"method":"jwt".*\n/)).toContain('"scopes":["openid","posts:read"]');
  });

  test("social-login: signs somebody in whom the provider knows", async () => {
    // The client is registered for the address that the example listens on.
    const port = 20_000 + (process.pid % 20_000);
    const callback = `http://127.0.0.1:${port}/login/work/callback`;
    const scopes = ["--scope", "openid", "--scope", "email", "--scope", "profile"];
    const client = await newClient("--grant", "authorization_code", "--redirect-uri", callback, "--first-party", ...scopes);
    const secret = { CLIENT_ID: client.client_id, CLIENT_SECRET: client.client_secret, SECRET: "Zq3vT8mK1xW6rB9nJ4hL7sD2fG5pY0cA" };
    const site = new URL(await run("social-login/server.js", { PROVIDER: server.url, PORT: String(port), ...secret })).origin;
    const [here, there] = [newBrowser(), newBrowser()];
    await there(`${server.url}/login`, post(server.url, { email, password }));
    const begun = await here(`${site}/login/work?return=/me`);
    const back = await there(placeOf(begun, site));
    expect(placeOf(back, server.url).pathname).toBe("/login/work/callback");
    const done = await here(placeOf(back, server.url));
    expect(placeOf(done, site).pathname).toBe("/me");
    expect(await (await here(`${site}/me`)).json()).toEqual({ you: expect.stringMatching(/^usr_/), how: ["fed"] });
  });

  test("public-api: takes a key and a token on one route", async () => {
    const posts = await run("public-api/server.js");
    const { key } = await server.makeKey("--scope", "posts:read");
    const client = await newClient("--grant", "client_credentials", "--scope", "posts:read");
    const token = await tokenOf(new URL(posts).origin, client);
    const byKey = await fetch(posts, { headers: { "x-api-key": key } });
    expect([byKey.status, byKey.headers.get("ratelimit-policy")]).toEqual([200, expect.stringContaining("q=60;w=60")]);
    const byToken = await fetch(posts, { headers: { authorization: `Bearer ${token}` } });
    expect(await byToken.json()).toEqual({ hello: client.client_id, by: "jwt" });
    expect((await fetch(posts)).status).toBe(401);
  });

  test("resource-api: takes the token of a service, whose secret it never sees", async () => {
    const posts = await run("resource-api/app.js", { ISSUER: server.url });
    const client = await newClient("--grant", "client_credentials", "--scope", "posts:read");
    const answer = await fetch(posts, { headers: { authorization: `Bearer ${await tokenOf(server.url, client)}` } });
    expect(await answer.json()).toEqual({ hello: client.client_id });
  });

  test("webhooks: takes a genuine message, once", async () => {
    const [secret, body] = [join(server.data, "webhook-secret.txt"), join(server.data, "order.json")];
    writeFileSync(secret, `whsec_${Buffer.alloc(32, 7).toString("base64")}`);
    writeFileSync(body, '{"order":7}');
    const hooks = await run("webhooks/server.js", { WEBHOOK_SECRET_FILE: secret });
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const signed = await server.latchkey("webhook", "sign", body, "--secret-file", secret, "--id", "msg_1", "--timestamp", timestamp);
    const lines = signed.stdout
      .trim()
      .split("\n")
      .map((line): [string, string] => line.split(/: (.*)/, 2) as [string, string]);
    const headers = { ...Object.fromEntries(lines), "content-type": "application/json" };
    const send = async (text: string) => (await fetch(hooks, { method: "POST", headers, body: text })).status;
    expect([await send('{"order":8}'), await send('{"order":7}'), await send('{"order":7}')]).toEqual([401, 204, 409]);
    expect(await (await fetch(new URL("/", hooks))).json()).toEqual([{ order: 7 }]);
  });
});
