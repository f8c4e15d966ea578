// Chromium for tests of pages: the one that the system has, since nothing may be downloaded while tests run.
import { accessSync, constants } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { describe } from "vitest";

const candidates = [process.env.LATCHKEY_TEST_CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

function program(): string | undefined {
  return candidates.find((path) => {
    try {
      if (path === undefined) return false;
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** `describe` where Chromium is there; else its tests are skipped by name, which is a failure with CI=true. */
export function describeWithChromium(name: string, tests: () => void): void {
  const run = program() === undefined ? describe.skip : describe;
  run(name, tests);
}

export async function launch(): Promise<Browser> {
  const executablePath = program();
  if (executablePath === undefined) throw new Error("Ask for Chromium under describeWithChromium only.");
  const quiet = ["--disable-background-networking", "--disable-component-update", "--disable-default-apps", "--disable-dev-shm-usage"];
  return chromium.launch({ executablePath, args: ["--no-sandbox", ...quiet] });
}

/** Ways to look at a page. The phone is as narrow as the narrowest that are in use. */
export const looks: Readonly<Record<string, BrowserContextOptions>> = {
  "desktop light": { viewport: { width: 1280, height: 900 }, colorScheme: "light" },
  "desktop dark": { viewport: { width: 1280, height: 900 }, colorScheme: "dark" },
  "phone light": { viewport: { width: 360, height: 740 }, colorScheme: "light", isMobile: true, hasTouch: true },
  "phone dark": { viewport: { width: 360, height: 740 }, colorScheme: "dark", isMobile: true, hasTouch: true },
};

/** A visitor whose browser runs no script. */
export function visitor(browser: Browser, options: BrowserContextOptions = {}): Promise<BrowserContext> {
  return browser.newContext({ javaScriptEnabled: false, ...options });
}

/**
 * What axe finds wrong: rules of WCAG 2.0 to 2.2, A and AA, and axe's own best practices, by name. The page is looked at in a
 * browser of the same look that runs axe's script past the policy of the page.
 */
export async function problemsOf(page: Page): Promise<readonly string[]> {
  // Our pages hold no frames, for which alone it would open a second page each time: that took half of the time.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ target }) => `${id}: ${help} (${target.join(" ")})`));
}

/** Keeps a picture where `LATCHKEY_TEST_SCREENSHOTS` names a folder, for people to look at. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.LATCHKEY_TEST_SCREENSHOTS;
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${name.replaceAll(" ", "-")}.png`, fullPage: true });
}
