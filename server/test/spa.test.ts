import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { describeWithChromium, launch, picture, problemsOf } from "./chromium.ts";
import { build, type Program, type Served, served, start } from "./program.ts";

const email = "ada@example.com";
const password = "four quiet grey horses";

let server: Served;
let app: Program;
let site: string;
let user: string;
let browser: Browser;
let context: BrowserContext;
let page: Page;

/** A browser has much to do on a machine that has little time. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const signIn = async (on: Page) => {
  await on.goto(site);
  await on.getByLabel("Email").fill(email);
  await on.getByLabel("Password").fill(password);
  await on.getByRole("button", { name: "Sign in" }).click();
  await on.getByText("Your notes").waitFor();
};
const refreshCookie = async () => (await context.cookies(`${site}tokens/refresh`)).find(({ name }) => name === "latchkey-refresh");
const isRefresh = (answer: { url(): string }) => answer.url().endsWith("/tokens/refresh");

describeWithChromium("the single-page app of examples/spa, in Chromium", () => {
  beforeAll(async () => {
    build("library");
    server = await served();
    const file = join(server.data, "password");
    writeFileSync(file, password);
    const made = await server.latchkey("user", "create", "--email", email, "--password-file", file, "--json");
    user = (JSON.parse(made.stdout) as { id: string }).id;
    // Access tokens that are over soon; a clock tolerance of five seconds comes on top.
    app = start("examples/spa/server.js", [], { LATCHKEY_DATA: server.data, PORT: "0", EXPIRES_IN: "1s" });
    site = /http:\S+/.exec(await app.until(/http:\S+\n/))![0];
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await app?.stop();
    await server?.stop();
  });
  beforeEach(async () => {
    context = await browser.newContext();
    page = await context.newPage();
  });
  afterEach(() => context.close());

  test("signs in, and keeps no token where a script of the page could find one", async () => {
    await signIn(page);
    await picture(page, "spa notes");
    const found = await page.evaluate("[document.cookie, JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage })]");
    expect(found).toEqual(["", "{}", "{}"]);
    expect(await refreshCookie()).toMatchObject({ httpOnly: true, sameSite: "Strict", path: "/tokens" });
  });

  test("says what is wrong with a sign-in, and nothing of whether there is such an account", async () => {
    await page.goto(site);
    await page.getByLabel("Email").fill(email);
    await page.getByLabel("Password").fill("not the password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect.poll(() => page.getByRole("status").textContent()).not.toBe("");
    expect(await page.getByText("Your notes").isVisible()).toBe(false);
    await picture(page, "spa refused");
  });

  test("survives a reload, and the end of its access token", async () => {
    await signIn(page);
    await page.getByLabel("New note").fill("water the <b>plants</b>");
    await page.getByRole("button", { name: "Add" }).click();
    await page.getByText("water the <b>plants</b>").waitFor();
    await page.reload();
    await page.getByText("water the <b>plants</b>").waitFor();
    const before = (await refreshCookie())!.value;
    // The page asks for its notes all the time: one of those questions is refused, renewed and asked again, unseen.
    const renewed = await page.waitForResponse(isRefresh, { timeout: 120_000 });
    expect(renewed.status()).toBe(200);
    await page.waitForResponse((answer) => answer.url().endsWith("/api/notes") && answer.status() === 200);
    await page.getByText("Your notes").waitFor();
    expect((await refreshCookie())!.value).not.toBe(before);
  });

  test("in two tabs that refresh at the same moment stays signed in in both", async () => {
    await signIn(page);
    const second = await context.newPage();
    await second.goto(site);
    await second.getByText("Your notes").waitFor();
    const statuses = await Promise.all(
      [page, second].map((tab) => tab.evaluate("import(`${location.origin}/session.js`).then(({ refresh }) => refresh())")),
    );
    expect(statuses).toEqual([true, true]);
    await Promise.all([page, second].map((tab) => tab.reload()));
    for (const tab of [page, second]) await tab.getByText("Your notes").waitFor();
  });

  test("is signed out everywhere by an administrator, without touching the page", async () => {
    await signIn(page);
    const elsewhere = await browser.newContext();
    const phone = await elsewhere.newPage();
    await signIn(phone);
    expect((await server.latchkey("token", "revoke", "--subject", user)).exitCode).toBe(0);
    for (const tab of [page, phone]) await tab.getByText("You have been signed out.").waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    expect(await page.getByText("Your notes").isVisible()).toBe(false);
    await elsewhere.close();
  });

  test("signs out here and on the server", async () => {
    await signIn(page);
    const { value } = (await refreshCookie())!;
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByText("You are signed out.").waitFor();
    expect(await refreshCookie()).toBeUndefined();
    const again = await fetch(`${site}tokens/refresh`, {
      method: "POST",
      headers: { cookie: `latchkey-refresh=${value}`, origin: site.slice(0, -1), "content-type": "application/json" },
      body: "{}",
    });
    expect(again.status).toBe(401);
  });

  test.each(["light", "dark"] as const)("can be used by everybody, in a %s scheme", async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    await page.goto(site);
    await page.locator("body[data-ready]").waitFor();
    // axe's script runs past the policy of the page only where the browser allows it.
    const open = await browser.newContext({ bypassCSP: true, colorScheme });
    const looked = await open.newPage();
    await looked.goto(site);
    await looked.locator("body[data-ready]").waitFor();
    expect(await problemsOf(looked)).toEqual([]);
    await signIn(looked);
    expect(await problemsOf(looked)).toEqual([]);
    await picture(looked, `spa ${colorScheme}`);
    await open.close();
  });
});
