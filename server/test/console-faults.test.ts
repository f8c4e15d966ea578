// The console when something comes between: the server, the session, another operator, a name as long as it may be.
import type { Browser, BrowserContextOptions, Page, Route } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type AdminHouse, openAdmin } from "./admin-house.ts";
import { describeWithChromium, launch, looks } from "./chromium.ts";
import { build } from "./program.ts";

let house: AdminHouse;
let browser: Browser;
let cookie: string;

/** A browser has much to do on a machine that has little time. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

async function asAdmin(options: BrowserContextOptions, steps: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options });
  try {
    const [name, value] = cookie.split("=") as [string, string];
    await context.addCookies([{ name, value, url: house.site }]);
    await steps(await context.newPage());
  } finally {
    await context.close();
  }
}

const refuse = (status: number, code: string, title: string) => (route: Route) =>
  route.fulfill({
    status,
    contentType: "application/problem+json",
    body: JSON.stringify({ type: `urn:latchkey:${code}`, title, status, code }),
  });

describeWithChromium("the console when something comes between", () => {
  beforeAll(async () => {
    build("console");
    house = await openAdmin();
    ({ cookie } = await house.person("root@example.com", "admin"));
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await house?.close();
  });

  test.each([
    ["the session ends", refuse(401, "request.no-credential", "Authentication is required."), "You are signed out."],
    ["the server goes away", (route: Route) => route.abort(), "The server does not answer."],
  ] as const)("keeps a key that is shown once in sight when %s", async (_, answer, words) => {
    await asAdmin({}, async (page) => {
      await page.goto(`${house.site}/admin/api-keys`);
      await page.getByRole("button", { name: "New key" }).click();
      await page.getByPlaceholder("ci-deploy").fill("nightly");
      await page.route("**/admin/api/me", answer);
      await page.keyboard.press("Enter");
      const shown = page.getByRole("dialog", { name: "Key nightly" });
      await page.getByText(words).first().waitFor({ state: "attached" });
      expect(await shown.locator("code").textContent()).toMatch(/^lk_live_/);
      await shown.getByRole("button", { name: "I have it" }).click();
      await page.getByRole("alert").getByText(words).waitFor();
      await page.unroute("**/admin/api/me");
      await page.getByRole("button", { name: "Try again" }).click();
      await page.getByRole("alert").waitFor({ state: "detached" });
    });
  });

  test("keeps the rows that are there when the next page does not come, and asks for that one again", async () => {
    await asAdmin({}, async (page) => {
      await page.route("**/admin/api/users*", async (route) => {
        if (route.request().url().includes("after=")) return route.fallback();
        const answer = await route.fetch();
        await route.fulfill({ response: answer, json: { ...((await answer.json()) as object), next: "more" } });
      });
      const next = "**/admin/api/users?*after=more*";
      await page.route(next, refuse(429, "rate-limit.exceeded", "Too many requests."));
      await page.goto(`${house.site}/admin/users`);
      await page.getByRole("button", { name: "Show more" }).click();
      await page.getByRole("alert").getByText("Too many requests.").waitFor();
      expect(await page.getByRole("link", { name: "root@example.com" }).count()).toBe(1);
      await page.unroute(next);
      const last = { id: "usr_z", email: "last@example.com", emailVerified: true, roles: [], createdAt: null, disabledAt: null };
      await page.route(next, (route) => route.fulfill({ json: { items: [last] } }));
      await page.getByRole("button", { name: "Try again" }).click();
      await page.getByRole("link", { name: "last@example.com" }).waitFor();
      expect(await page.getByRole("link", { name: "root@example.com" }).count()).toBe(1);
    });
  });

  test("says that another operator was faster, and then shows what is so", async () => {
    await house.ask("PUT", "/roles/passing", { cookie, body: { permissions: [] } });
    await asAdmin({}, async (page) => {
      await page.goto(`${house.site}/admin/roles`);
      const row = page.getByRole("row").filter({ hasText: "passing" });
      await row.getByRole("button", { name: "Delete" }).click();
      await house.ask("DELETE", "/roles/passing", { cookie });
      const question = page.getByRole("dialog", { name: "Delete the role passing?" });
      await question.getByRole("button", { name: "Delete role" }).click();
      await question.getByText("There is nothing of this name here.").waitFor();
      await question.getByRole("button", { name: "Cancel" }).click();
      await row.waitFor({ state: "detached" });
      expect(await page.getByRole("row").filter({ hasText: "passing" }).count()).toBe(0);
    });
  });

  test("asks before something grave with the focus on Cancel, and stays until it is known how it came out", async () => {
    await house.ask("PUT", "/roles/held", { cookie, body: { permissions: [] } });
    await asAdmin({}, async (page) => {
      await page.goto(`${house.site}/admin/roles`);
      const opener = page.getByRole("row").filter({ hasText: "held" }).getByRole("button", { name: "Delete" });
      const focused = () => page.evaluate("document.activeElement?.textContent");
      const question = page.getByRole("dialog", { name: "Delete the role held?" });
      await opener.press("Enter");
      await expect.poll(focused).toBe("Cancel");
      await page.keyboard.press("Escape");
      await question.waitFor({ state: "detached" });
      await expect.poll(focused).toBe("Delete");
      let answer!: () => Promise<void>;
      await page.route("**/admin/api/roles/held", (route) => {
        answer = () => refuse(503, "store.unavailable", "Try again later.")(route);
      });
      await opener.press("Enter");
      await question.getByRole("button", { name: "Delete role" }).click();
      await expect.poll(() => typeof answer).toBe("function");
      await page.keyboard.press("Escape");
      await answer();
      await question.getByText("Try again later.").waitFor();
    });
  });

  test("keeps what stops a key in sight beside the longest name", async () => {
    await house.auth.apiKeys.issue({ name: "L".repeat(100), scopes: ["posts:read", "posts:write", "comments:moderate"] });
    await asAdmin(looks["desktop light"]!, async (page) => {
      await page.goto(`${house.site}/admin/api-keys`);
      await page.getByText("L".repeat(100)).waitFor();
      const right = "Math.max(...[...document.querySelectorAll('td button')].map((one) => one.getBoundingClientRect().right))";
      expect(await page.evaluate(`${right} <= window.innerWidth`)).toBe(true);
    });
  });

  test("is not wider than a phone with the longest address, and its closed menu is passed over by the Tab key", async () => {
    const { id } = await house.person(`${"a".repeat(60)}@${`${"b".repeat(50)}.`.repeat(3)}example.com`);
    await asAdmin(looks["phone light"]!, async (page) => {
      await page.goto(`${house.site}/admin/users/${id}`);
      await page.getByText("What happened lately").waitFor();
      expect(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")).toBe(true);
      await page.getByRole("button", { name: "Sign out" }).focus();
      await page.keyboard.press("Tab");
      expect(await page.evaluate("document.activeElement?.textContent")).toBe("All users");
      await page.getByRole("button", { name: "Open the menu" }).click();
      await page.getByRole("link", { name: "Users", exact: true }).click();
      await page.getByRole("heading", { name: "Users" }).waitFor();
    });
  });
});
