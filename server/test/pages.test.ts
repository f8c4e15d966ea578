import { createHash } from "node:crypto";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createLatchkey, type Latchkey } from "latchkey";
import { mount } from "latchkey/node";
import { sqlite } from "latchkey/sqlite";
import { describeWithChromium, launch, looks, picture, problemsOf, visitor } from "./chromium.ts";

const email = "ada@example.com";
const password = "four quiet grey horses";

let browser: Browser;
let server: Server;
let auth: Latchkey;
let site: string;
let now = Date.parse("2026-11-24T10:15:00Z");

async function open(): Promise<void> {
  let answer: RequestListener = (_, response) => response.end();
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  site = `http://localhost:${(server.address() as AddressInfo).port}`;
  auth = await createLatchkey({
    issuer: site,
    store: sqlite(":memory:"),
    secret: "a test secret of at least 32 bytes",
    clock: { now: () => now },
    passwords: { memoryKiB: 8, passes: 1, weakForTests: true },
    limits: { credential: "off", credentialAddress: "off" },
    pages: { name: "Example Cloud" },
  });
  answer = mount(auth);
}

async function signIn(page: Page, as = email, secret = password): Promise<void> {
  await page.goto(`${site}/login`);
  await page.getByLabel("Email").fill(as);
  await page.getByLabel("Password").fill(secret);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Runs a visit without scripts, and closes the browser's window after it. */
async function visit(steps: (page: Page, context: BrowserContext) => Promise<void>): Promise<void> {
  const context = await visitor(browser);
  try {
    await steps(await context.newPage(), context);
  } finally {
    await context.close();
  }
}

/** A browser has much to do on a machine that has little time. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

describeWithChromium("the pages, in Chromium with scripts off", () => {
  beforeAll(async () => {
    browser = await launch();
    await open();
    await auth.users.create({ email, password });
  });
  afterAll(async () => {
    await browser?.close();
    server?.closeAllConnections();
    server?.close();
    await auth?.close();
  });

  test("sign somebody in, show the account and sign out [asvs:V7.4.4]", () =>
    visit(async (page, context) => {
      await signIn(page);
      await expect.poll(() => page.url()).toBe(`${site}/account`);
      await page.getByText(`Signed in as ${email}`).waitFor();
      expect(await context.cookies()).toContainEqual(
        expect.objectContaining({ name: "latchkey", httpOnly: true, sameSite: "Lax", path: "/" }),
      );
      const kept = await context.cookies();
      await page.getByRole("button", { name: "Sign out" }).click();
      await expect.poll(() => page.url()).toBe(`${site}/login`);
      await context.addCookies(kept);
      await page.goto(`${site}/account`);
      await expect.poll(() => page.url()).toBe(`${site}/login`);
    }));

  test("register somebody, who signs in then; an address that is taken is not told from a free one", () =>
    visit(async (page) => {
      for (const address of ["bob@example.com", email]) {
        await page.goto(`${site}/login`);
        await page.getByRole("link", { name: "Create an account" }).click();
        await page.getByLabel("Email").fill(address);
        await page.getByLabel("Password").fill("six slow purple tractors");
        await page.getByRole("button", { name: "Create account" }).click();
        await expect.poll(() => page.url()).toBe(`${site}/login?registered`);
        expect(await page.getByRole("status").innerText()).toMatch(/Your account is ready/);
      }
      await signIn(page, "bob@example.com", "six slow purple tractors");
      await page.getByText("Signed in as bob@example.com").waitFor();
      await signIn(page);
      await expect.poll(() => page.url()).toBe(`${site}/account`);
    }));

  test("say beside the field what is wrong with a new password", () =>
    visit(async (page) => {
      await page.goto(`${site}/register`);
      await page.getByLabel("Email").fill("carol@example.com");
      await page.getByLabel("Password").fill("password123");
      await page.getByRole("button", { name: "Create account" }).click();
      expect(await page.getByLabel("Password").getAttribute("aria-invalid")).toBe("true");
      expect(await page.locator("#password-error").innerText()).toMatch(/tried first|too short|Choose another/);
      await expect.poll(() => page.getByLabel("Email").inputValue()).toBe("carol@example.com");
    }));

  test("change the password, which ends all other sessions and keeps this one [asvs:V7.4.3]", () =>
    visit(async (page) => {
      const dora = "dora@example.com";
      const { id } = await auth.users.create({ email: dora, password });
      await signIn(page, dora);
      const elsewhere = await visitor(browser);
      const other = await elsewhere.newPage();
      await signIn(other, dora);
      await page.getByLabel("Current password").fill("not the right one");
      await page.getByLabel("New password").fill("six slow purple tractors");
      await page.getByRole("button", { name: "Change password" }).click();
      await page.locator("#current-password-error").waitFor();
      await page.getByLabel("Current password").fill(password);
      await page.getByLabel("New password").fill("six slow purple tractors");
      await page.getByRole("button", { name: "Change password" }).click();
      await expect.poll(() => page.url()).toBe(`${site}/account?changed`);
      expect(await page.getByRole("status").innerText()).toMatch(/password is changed/);
      expect(await auth.sessions.list(id)).toHaveLength(1);
      await other.goto(`${site}/account`);
      expect(other.url()).toBe(`${site}/login`);
      await elsewhere.close();
    }));

  test("say beside the form that the password is wrong, keep the address, and forget the password", () =>
    visit(async (page) => {
      await signIn(page, email, "not the right one");
      await expect.poll(() => page.url()).toBe(`${site}/login`);
      expect(await page.getByRole("alert").innerText()).toBe("The e-mail address or the password is wrong.");
      expect(await page.title()).toBe("Error: sign in – Example Cloud");
      await expect.poll(() => page.getByLabel("Email").inputValue()).toBe(email);
      await expect.poll(() => page.getByLabel("Password").inputValue()).toBe("");
    }));

  test("are usable by keyboard alone", () =>
    visit(async (page) => {
      await page.goto(`${site}/login`);
      // Where a page begins is chosen when it is drawn, which may come after it was loaded.
      await page.locator("input[type=email]:focus").waitFor();
      await page.keyboard.type(email);
      await page.keyboard.press("Tab");
      await page.keyboard.type(password);
      await page.keyboard.press("Enter");
      await page.waitForURL(`${site}/account`);
      expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe("Your account");
    }));

  test("lead on to a path of this origin only [asvs:V3.7.2]", () =>
    visit(async (page) => {
      for (const [wanted, reached] of [
        ["/sessions", "/sessions"],
        ["//evil.example", "/account"],
        ["/\\evil.example", "/account"],
        ["https://evil.example/", "/account"],
        ["/%09/evil.example", "/%09/evil.example"],
      ]) {
        await page.goto(`${site}/login?return=${encodeURIComponent(wanted!)}`);
        await page.getByLabel("Email").fill(email);
        await page.getByLabel("Password").fill(password);
        await page.getByRole("button", { name: "Sign in" }).click();
        await expect.poll(() => page.url()).toBe(site + reached);
      }
    }));

  test("make a key that is shown once, and revoke it", () =>
    visit(async (page) => {
      await signIn(page);
      await page.getByLabel("Name of a new key").fill("laptop");
      await page.getByLabel("Scopes").fill("posts:read posts:write");
      await page.getByRole("button", { name: "Create key" }).click();
      const key = await page.locator("code.secret").innerText();
      expect(key).toMatch(/^lk_live_\w{49}$/);
      const answer = await fetch(`${site}/whoami`, { headers: { "x-api-key": key } });
      expect(await answer.json()).toMatchObject({ scopes: ["posts:read", "posts:write"] });
      await page.goto(`${site}/account`);
      expect(await page.content()).not.toContain(key);
      await page.getByRole("button", { name: "Revoke key laptop" }).click();
      await expect.poll(() => page.url()).toBe(`${site}/account`);
      await expect.poll(() => page.getByText("laptop").count()).toBe(0);
      expect((await fetch(`${site}/whoami`, { headers: { "x-api-key": key } })).status).toBe(401);
    }));

  test("say beside the field what is wrong with a key, and keep what was typed", () =>
    visit(async (page) => {
      await signIn(page);
      await page.getByLabel("Name of a new key").fill("laptop");
      await page.getByLabel("Expires after").fill("soon");
      await page.getByRole("button", { name: "Create key" }).click();
      const field = page.getByLabel("Expires after");
      expect(await field.getAttribute("aria-invalid")).toBe("true");
      expect(await page.locator("#expires-error").innerText()).toBe("A whole number and a unit: s, m, h or d. As in 90d.");
      expect(await field.getAttribute("aria-describedby")).toContain("expires-error");
      await expect.poll(() => page.getByLabel("Name of a new key").inputValue()).toBe("laptop");
    }));

  test("ask to sign in again before a key is made with an old session", () =>
    visit(async (page) => {
      await signIn(page);
      now += 16 * 60_000;
      await page.getByLabel("Name of a new key").fill("laptop");
      await page.getByRole("button", { name: "Create key" }).click();
      await expect.poll(() => page.url()).toBe(`${site}/login?again`);
      expect(await page.getByRole("status").innerText()).toMatch(/please sign in again/);
    }));

  test("show one's sessions, and end one or all others", () =>
    visit(async (page) => {
      await signIn(page);
      await page.getByRole("button", { name: "End all other sessions" }).click();
      const elsewhere = await visitor(browser, { userAgent: "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) Version/19.0 Mobile Safari/604.1" });
      const other = await elsewhere.newPage();
      await signIn(other);
      await page.goto(`${site}/account`);
      expect(
        await page
          .locator("section", { has: page.getByText("Sessions") })
          .getByRole("listitem")
          .count(),
      ).toBe(2);
      await page.getByRole("button", { name: /^End session Safari on iPhone/ }).click();
      await expect.poll(() => page.url()).toBe(`${site}/account`);
      await expect.poll(() => page.getByText("Safari on iPhone").count()).toBe(0);
      await other.goto(`${site}/account`);
      expect(other.url()).toBe(`${site}/login`);
      await elsewhere.close();
    }));

  test("are not done for a form on another page [attack:SE-08]", () =>
    visit(async (page) => {
      await signIn(page);
      const before = (await auth.apiKeys.list()).length;
      const foreign = createServer((_, response) => {
        response.setHeader("content-type", "text/html");
        response.end(`<form method=post action="${site}/account/keys"><input name=name value=theirs><button>Win</button></form>`);
      });
      await new Promise<void>((resolve) => foreign.listen(0, "127.0.0.1", resolve));
      // Another port is another origin of the same site, so the browser sends the cookie along: SameSite does not help here.
      await page.goto(`http://localhost:${(foreign.address() as AddressInfo).port}/`);
      await page.getByRole("button", { name: "Win" }).click();
      await page.getByRole("heading", { name: "This was not done" }).waitFor();
      expect((await auth.apiKeys.list()).length).toBe(before);
      foreign.closeAllConnections();
      foreign.close();
    }));

  test("have a policy that lets nothing run or load, and nothing frame them [asvs:V3.4.3] [asvs:V3.4.5] [asvs:V3.4.6]", async () => {
    for (const path of ["/login"]) {
      const answer = await fetch(site + path);
      const { headers } = answer;
      const style = /<style>(.*)<\/style>/s.exec(await answer.text())![1]!;
      expect(headers.get("content-security-policy")).toContain(`style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`);
      const policy = headers.get("content-security-policy") ?? "";
      for (const part of ["default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"]) {
        expect(policy).toContain(part);
      }
      expect(policy).not.toMatch(/unsafe|script|\*/);
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("cache-control")).toBe("no-store");
    }
  });

  for (const [look, options] of Object.entries(looks)) {
    test(`pass axe and fit the screen: ${look}`, async () => {
      // With scripts, for axe's own; the policy of the pages is passed by for it alone.
      const context = await browser.newContext({ ...options, bypassCSP: true });
      const page = await context.newPage();
      const seen: Record<string, unknown> = {};
      const examine = async (name: string) => {
        await picture(page, `${name} ${look}`);
        const width = await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth");
        seen[name] = [width ? "fits" : "too wide", ...(await problemsOf(page))];
      };
      await page.goto(`${site}/register`);
      await page.getByLabel("Email").fill("carol@example.com");
      await page.getByLabel("Password").fill("password123");
      await page.getByRole("button", { name: "Create account" }).click();
      await examine("register refused");
      await page.goto(`${site}/.well-known/report-key`);
      await examine("report a key");
      await page.getByLabel("Key", { exact: true }).fill("x".repeat(600));
      await page.getByRole("button", { name: "Report" }).click();
      await examine("report refused");
      await page.getByLabel("Key", { exact: true }).fill(`lk_live_${"a".repeat(49)}`);
      await page.getByRole("button", { name: "Report" }).click();
      await examine("report taken");
      // Somebody new for each look, so that the page stays small.
      const somebody = `${look.replace(" ", ".")}@example.com`;
      const { id: owner } = await auth.users.create({ email: somebody, password });
      await signIn(page, somebody, "not the right one");
      await examine("login refused");
      await signIn(page, somebody);
      await auth.apiKeys.issue({ name: "continuous integration", owner, scopes: ["posts:read"] });
      await page.getByLabel("Name of a new key").fill("laptop");
      await page.getByRole("button", { name: "Create key" }).click();
      await examine("account new key");
      await page.getByLabel("Name of a new key").fill("laptop");
      await page.getByLabel("Expires after").fill("soon");
      await page.getByRole("button", { name: "Create key" }).click();
      await examine("account refused");
      await context.close();
      expect(seen).toEqual(Object.fromEntries(Object.keys(seen).map((name) => [name, ["fits"]])));
    });
  }
});
