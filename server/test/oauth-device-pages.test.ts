// The pages of devices and of signing out, in Chromium: without a script, looked at in every size and color, by axe too.
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createLatchkey, type Latchkey } from "latchkey";
import { mount } from "latchkey/node";
import { sqlite } from "latchkey/sqlite";
import { describeWithChromium, launch, looks, picture, problemsOf, visitor } from "./chromium.ts";

const email = "ada@example.com";
const password = "four quiet grey horses";
const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code";

let browser: Browser;
let server: Server;
let auth: Latchkey;
let site: string;
let client: string;

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

async function visit(steps: (page: Page) => Promise<void>, options: Parameters<typeof visitor>[1] = {}): Promise<void> {
  const context = await visitor(browser, options);
  try {
    await steps(await context.newPage());
  } finally {
    await context.close();
  }
}

const post = async (path: string, form: Record<string, string>) =>
  (await (await fetch(`${site}${path}`, { method: "POST", body: new URLSearchParams(form) })).json()) as Record<string, string>;
const begin = () => post("/oauth/device", { client_id: client, scope: "openid profile offline_access posts:read" });
const poll = (device_code: string) => post("/oauth/token", { grant_type: deviceGrant, client_id: client, device_code });

async function signInOn(page: Page): Promise<void> {
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** No wider than the screen, and nothing that axe finds. */
async function looksRight(page: Page, name: string): Promise<void> {
  await picture(page, name);
  expect(await problemsOf(page)).toEqual([]);
  expect(await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")).toBe(false);
}

describeWithChromium("the pages of devices and of signing out, in Chromium", () => {
  beforeAll(async () => {
    browser = await launch();
    let answer: RequestListener = (_, response) => response.end();
    server = createServer((request, response) => answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    site = `http://localhost:${(server.address() as AddressInfo).port}`;
    auth = await createLatchkey({
      issuer: site,
      store: sqlite(":memory:"),
      secret: "a test secret of at least 32 bytes",
      passwords: { memoryKiB: 8, passes: 1, weakForTests: true },
      pages: { name: "Example Cloud" },
      oauth: { scopes: { "posts:read": "Read your posts" } },
    });
    answer = mount(auth);
    await auth.users.create({ email, password });
    const made = await auth.clients.create({
      name: "Living Room Television",
      grants: [deviceGrant, "refresh_token"],
      scopes: ["openid", "profile", "offline_access", "posts:read"],
      authentication: "none",
    });
    client = made.client.id;
  });
  afterAll(async () => {
    await browser?.close();
    server?.closeAllConnections();
    server?.close();
    await auth?.close();
  });

  test("connect a device by the code that somebody types, and refuse another, without a script", async () => {
    const [first, second] = [await begin(), await begin()];
    await visit(async (page) => {
      await page.goto(`${site}/device`);
      await signInOn(page);
      await page.getByLabel("Code").fill("WRNG-CODE");
      await page.getByRole("button", { name: "Continue" }).click();
      await page.getByText("This code is not known").first().waitFor();
      await page.getByLabel("Code").fill(first["user_code"]!.toLowerCase());
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Connect Living Room Television?" }).waitFor();
      await page.getByText("Read your posts").waitFor();
      await page.getByText(email).waitFor();
      await page.getByRole("button", { name: "Allow" }).click();
      await page.getByRole("heading", { name: "Your device is connected" }).waitFor();
      expect(await poll(first["device_code"]!)).toMatchObject({ token_type: "Bearer", refresh_token: expect.any(String) });
      await page.goto(second["verification_uri_complete"]!);
      await page.getByRole("button", { name: "Deny" }).click();
      await page.getByRole("heading", { name: "Your device was not connected" }).waitFor();
      expect(await poll(second["device_code"]!)).toMatchObject({ error: "access_denied" });
    });
  });

  test("ask before an app signs somebody out that it does not name, without a script", async () => {
    await visit(async (page) => {
      await page.goto(`${site}/login`);
      await signInOn(page);
      await page.goto(`${site}/oauth/logout`);
      await page.getByRole("link", { name: "Stay signed in" }).click();
      await expect.poll(() => new URL(page.url()).pathname).toBe("/account");
      await page.goto(`${site}/oauth/logout`);
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.goto(`${site}/account`);
      await expect.poll(() => new URL(page.url()).pathname).toBe("/login");
      // There is nobody to ask.
      await page.goto(`${site}/oauth/logout`);
      await page.getByRole("heading", { name: "You are signed out" }).waitFor();
      await expect.poll(() => page.getByRole("button").count()).toBe(0);
    });
  });

  test("look right in every size and color, and axe finds nothing wrong", async () => {
    expect.hasAssertions();
    for (const [name, look] of Object.entries(looks))
      await visit(
        async (page) => {
          await page.goto(`${site}/device`);
          await signInOn(page);
          await looksRight(page, `device code ${name}`);
          await page.getByLabel("Code").fill("WRNG-CODE");
          await page.getByRole("button", { name: "Continue" }).click();
          await looksRight(page, `device wrong ${name}`);
          await page.goto((await begin())["verification_uri_complete"]!);
          await looksRight(page, `device asked ${name}`);
          await page.getByRole("button", { name: "Allow" }).click();
          await looksRight(page, `device done ${name}`);
          await page.goto(`${site}/oauth/logout`);
          await looksRight(page, `logout asked ${name}`);
          await page.goto(`${site}/oauth/logout?id_token_hint=x`);
          await looksRight(page, `logout error ${name}`);
          await page.goto(`${site}/oauth/logout`);
          await page.getByRole("button", { name: "Sign out" }).click();
          await page.goto(`${site}/oauth/logout`);
          await looksRight(page, `logout done ${name}`);
        },
        { ...look, javaScriptEnabled: true, bypassCSP: true },
      );
  });
});
