import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { testClock } from "latchkey/testing";
import { type AdminHouse, openAdmin, password } from "./admin-house.ts";
import { describeWithChromium, launch, looks, picture, problemsOf } from "./chromium.ts";
import { build } from "./program.ts";

let house: AdminHouse;
let browser: Browser;
let adminId: string;
let adminCookie: string;

/** A browser has much to do on a machine that has little time. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

beforeAll(async () => {
  build("console");
  house = await openAdmin({ clock: testClock(new Date(Date.now() - 7_200_000)) });
});
afterAll(() => house?.close());

/** Runs a visit, and fails for whatever the policy of the page stopped or a script threw. */
async function visit(options: BrowserContextOptions, steps: (page: Page, context: BrowserContext) => Promise<void>): Promise<void> {
  const context = await browser.newContext(options);
  const wrong: string[] = [];
  try {
    const page = await context.newPage();
    page.on("pageerror", (error) => wrong.push(String(error)));
    page.on("console", (message) => {
      if (/Content Security Policy/i.test(message.text())) wrong.push(message.text());
    });
    await steps(page, context);
    expect(wrong).toEqual([]);
  } finally {
    await context.close();
  }
}

async function signInBy(context: BrowserContext, cookie: string): Promise<void> {
  const [name, value] = cookie.split("=") as [string, string];
  await context.addCookies([{ name, value, url: house.site }]);
}

const asAdmin = (options: BrowserContextOptions, steps: (page: Page) => Promise<void>) =>
  visit(options, async (page, context) => {
    await signInBy(context, adminCookie);
    await steps(page);
  });

const heading = (page: Page, name: string) => page.getByRole("heading", { name, exact: true }).waitFor();
const whoami = (key: string) => fetch(`${house.site}/whoami`, { headers: { "x-api-key": key } }).then(({ status }) => status);

test("serves one page for every path, under a policy without inline script, and its files for a year", async () => {
  const page = await fetch(`${house.site}/admin/users/usr_x`);
  const html = await page.text();
  const policy = page.headers.get("content-security-policy")!;
  expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self' 'nonce-\w{22}'; /);
  expect(policy).not.toContain("unsafe");
  expect(page.headers.get("cache-control")).toBe("no-store");
  expect(html).toContain(/'nonce-(\w+)'/.exec(policy)![1]);
  expect(html).not.toMatch(/<script(?![^>]*src=)|<style|\bon\w+=|javascript:/);
  expect((await (await fetch(`${house.site}/admin`)).text()).match(/nonce="(\w+)"/)![1]).not.toBe(html.match(/nonce="(\w+)"/)![1]);
  const [script] = /\/admin\/assets\/[\w-]+\.js/.exec(html)!;
  for (const encoding of ["gzip", "identity"]) {
    const file = await fetch(house.site + script, { headers: { "accept-encoding": encoding } });
    expect([file.status, file.headers.get("cache-control")]).toEqual([200, "public, max-age=31536000, immutable"]);
    expect((await file.text()).length).toBeGreaterThan(100_000);
  }
});

test.each([
  "/admin/assets/none.js",
  "/admin/assets/..%2findex.html",
  "/admin/assets/index.html",
  "/admin/assets/",
  "/admin/assets/a.js/b",
  "/admin/api/none",
  "/administer",
])("answers 404 for %s", async (path) => expect((await fetch(house.site + path)).status).toBe(404));

test("answers no other method for a page", async () => {
  const answer = await fetch(`${house.site}/admin`, { method: "POST" });
  expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
});

describeWithChromium("the console, in Chromium", () => {
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  test("lets the first operator in by the link, and by /login from then on", async () => {
    const token = await house.auth.firstAdmin.invite();
    await visit({}, async (page, context) => {
      await page.goto(`${house.site}/admin/setup#${token}`);
      await page.getByLabel("Email").fill("root@example.com");
      await page.locator("input[type=password]").fill("12345678");
      await page.getByRole("button", { name: "Make account" }).click();
      await page.getByText("The password is one of those that are tried first").waitFor();
      await page.locator("input[type=password]").fill(password);
      await page.getByRole("button", { name: "Make account" }).click();
      await heading(page, "Overview");
      const { id } = (await house.auth.users.findByEmail("root@example.com"))!;
      adminId = id;
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.waitForURL(`${house.site}/login`);
      await context.clearCookies();
      await page.goto(`${house.site}/admin/users`);
      await page.waitForURL(/\/login\?return=/);
      await page.getByLabel("Email").fill("root@example.com");
      await page.locator("input[type=password]").fill(password);
      await page.getByRole("button", { name: "Sign in" }).click();
      await heading(page, "Users");
      await expect.poll(() => page.url()).toBe(`${house.site}/admin/users`);
      await page.getByRole("link", { name: "root@example.com" }).waitFor();
      await page.goto(`${house.site}/admin/setup#${token}`);
      await page.getByLabel("Email").fill("second@example.com");
      await page.locator("input[type=password]").fill(password);
      await page.getByRole("button", { name: "Make account" }).click();
      await page.getByText("This link was used already").waitFor();
    });
    const { cookie } = await house.auth.sessions.create({ user: adminId });
    adminCookie = cookie.split(";")[0]!;
  });

  test("says plainly that an account is no administrator's", async () => {
    const { cookie } = await house.person("ada@example.com");
    await visit({}, async (page, context) => {
      await signInBy(context, cookie);
      await page.goto(`${house.site}/admin/api-keys`);
      await heading(page, "This account may not use the console");
      await expect.poll(() => page.getByRole("navigation").count()).toBe(0);
    });
  });

  test("shows a refused attempt with its reason, and revokes a key so that its next request is refused", async () => {
    const { key, record } = await house.auth.apiKeys.issue({ name: "ci-deploy", scopes: ["posts:read"] });
    await house.auth.apiKeys.issue({ name: "backup" });
    // A request that is known, and may not: the way from what happened to the key that did it.
    const guarded = await fetch(`${house.site}/metrics`, { headers: { "x-api-key": "lk_live_wrong" } });
    expect(guarded.status).toBeLessThan(500);
    expect((await house.ask("GET", "/users", { key })).json.code).toBe("authorization.may-not");
    await asAdmin({}, async (page) => {
      await page.goto(`${house.site}/admin/activity`);
      await page.getByRole("button", { name: "GET /admin/api/users" }).first().click();
      const why = page.getByRole("dialog", { name: "Why" });
      await why.getByText("The caller is known, but may not do that.").waitFor();
      await why.getByRole("button", { name: "Revoke key" }).click();
      const question = page.getByRole("dialog", { name: "Revoke key ci-deploy?" });
      await question.getByText("Its next request is refused.").waitFor();
      expect(await whoami(key)).toBe(200);
      await question.getByRole("button", { name: "Revoke key" }).click();
      await why.getByText("Key ci-deploy is revoked.").waitFor();
      expect(await whoami(key)).toBe(401);
      await page.keyboard.press("Escape");
      await page.getByLabel("Code").fill("api-key.revoked");
      await page.getByRole("button", { name: "GET /whoami" }).first().click();
      await page.getByText("Somebody used an API key that was revoked.").last().waitFor();
      await page.getByText(`Exactly: ${record.id} was revoked.`).waitFor();
    });
  });

  test("makes a key and shows it once; by keyboard alone", async () => {
    await asAdmin({}, async (page) => {
      await page.goto(`${house.site}/admin/api-keys`);
      await page.getByRole("button", { name: "New key" }).focus();
      await page.keyboard.press("Enter");
      await page.waitForFunction("document.activeElement?.placeholder === 'ci-deploy'");
      await page.keyboard.type("nightly");
      await page.keyboard.press("Enter");
      const shown = page.getByRole("dialog", { name: "Key nightly" });
      const key = await shown.locator("code").textContent();
      expect(await whoami(key!)).toBe(200);
      await shown.getByRole("button", { name: "I have it" }).click();
      await page.getByText("nightly").waitFor();
      expect(await page.content()).not.toContain(key);
    });
  });

  test("disables a user, whose session is refused from then on, and enables the user again", async () => {
    const { id, cookie } = await house.person("grace@example.com", "editor");
    const signedIn = () => fetch(`${house.site}/whoami`, { headers: { cookie } }).then(({ status }) => status);
    await asAdmin({}, async (page) => {
      await page.goto(`${house.site}/admin/users/${id}`);
      await page.getByRole("button", { name: "Disable user" }).click();
      const question = page.getByRole("dialog", { name: "Disable grace@example.com?" });
      await question.getByRole("button", { name: "Disable user" }).click();
      await page.getByRole("button", { name: "Enable user" }).waitFor();
      expect(await signedIn()).toBe(401);
      await page.getByRole("button", { name: "Enable user" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Enable user" }).click();
      await page.getByRole("button", { name: "Disable user" }).waitFor();
      expect(await signedIn()).toBe(200);
    });
  });

  test("says what the server does not do, and why", async () => {
    await asAdmin({}, async (page) => {
      await page.goto(`${house.site}/admin/users/${adminId}`);
      await page.getByRole("button", { name: "Delete" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Delete user" }).click();
      await page.getByRole("alert").getByText("That is the account you are here with. Somebody else must do this.").waitFor();
      expect(await house.auth.users.find(adminId)).toBeDefined();
    });
  });

  const pages: readonly (readonly [string, string, (page: Page) => Promise<void>])[] = [
    ["Overview", "/admin", (page) => page.getByText("By method").waitFor()],
    ["Activity", "/admin/activity", (page) => page.getByRole("button", { name: /^GET / }).first().waitFor()],
    ["Users", "/admin/users", (page) => page.getByRole("link", { name: "root@example.com" }).waitFor()],
    ["User", "/admin/users/ID", (page) => page.getByText("What happened lately").waitFor()],
    ["API keys", "/admin/api-keys", (page) => page.getByText("nightly").waitFor()],
    ["OAuth clients", "/admin/clients", (page) => page.getByText("No clients yet").waitFor()],
    ["Sessions", "/admin/sessions", (page) => page.getByText("Whose sessions?").waitFor()],
    ["Roles", "/admin/roles", (page) => page.getByText("everything in this console").waitFor()],
    [
      "Signing keys",
      "/admin/signing-keys",
      (page) => page.getByText("No signing key yet").or(page.getByText("signs now")).first().waitFor(),
    ],
    ["Set up", "/admin/setup", (page) => page.getByRole("button", { name: "Make account" }).waitFor()],
    [
      "Why",
      "/admin/activity",
      async (page) => {
        await page.getByRole("button", { name: /^GET / }).first().click();
        await page.getByText("How far it got").waitFor();
        // Until it has slid in: axe judges colours as they are.
        await page.waitForFunction("document.getAnimations().every(({ playState }) => playState !== 'running')");
      },
    ],
  ];

  test.each(Object.entries(looks))("has nothing that axe finds wrong, and is not wider than the screen: %s", async (look, options) => {
    // axe's script is put into the page past its policy.
    await asAdmin({ ...options, bypassCSP: true, reducedMotion: "reduce" }, async (page) => {
      for (const [name, path, ready] of pages) {
        await page.goto(house.site + path.replace("ID", adminId));
        await ready(page);
        await picture(page, `console ${name} ${look}`);
        expect([name, await problemsOf(page)]).toEqual([name, []]);
        expect(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")).toBe(true);
        // A state or an outcome that is cut off says nothing.
        const cut =
          "[...document.querySelectorAll('td .mantine-Badge-label')].filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent)";
        expect([name, await page.evaluate(cut)]).toEqual([name, []]);
      }
    });
  });
});
