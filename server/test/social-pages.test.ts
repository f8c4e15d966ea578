import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createLatchkey, type Latchkey } from "latchkey";
import { mount } from "latchkey/node";
import { github, oidc } from "latchkey/providers";
import { smtp } from "latchkey/smtp";
import { sqlite } from "latchkey/sqlite";
import { type GithubLike, githubLike } from "../../library/test/github-like.ts";
import { mailServer, type MailServer } from "../../library/test/mail-server.ts";
import { type OpenIdProvider, openIdProvider } from "../../library/test/openid-provider.ts";
import { describeWithChromium, launch, looks, picture, problemsOf, visitor } from "./chromium.ts";

const password = "four quiet grey horses";
const next = "five loud green cows";

let browser: Browser;
let server: Server;
let auth: Latchkey;
let site: string;
let hub: GithubLike;
let openid: OpenIdProvider;
let post: MailServer;

async function open(): Promise<void> {
  let answer: RequestListener = (_, response) => response.end();
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  site = `http://localhost:${(server.address() as AddressInfo).port}`;
  hub = await githubLike();
  openid = await openIdProvider([`${site}/login/work/callback`]);
  post = await mailServer();
  auth = await createLatchkey({
    issuer: site,
    store: sqlite(":memory:"),
    secret: "a test secret of at least 32 bytes",
    passwords: { memoryKiB: 8, passes: 1, weakForTests: true },
    limits: { credential: "off", credentialAddress: "off" },
    pages: { name: "Example Cloud" },
    mail: { ...smtp(post.url), signIn: true },
    providers: [
      github({ endpoints: hub.endpoints, clientId: hub.clientId, clientSecret: hub.clientSecret }),
      oidc({ id: "work", name: "Work", issuer: openid.issuer, clientId: openid.clientId, clientSecret: openid.clientSecret }),
    ],
  });
  answer = mount(auth);
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

async function signIn(page: Page, email: string, secret = password): Promise<void> {
  await page.goto(`${site}/login`);
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(secret);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** The code of the last mail to this address, as its reader copies it. */
async function mailedTo(email: string): Promise<string> {
  await auth.flush();
  return post.mails.findLast(({ recipients }) => recipients.includes(email))!.code;
}

/** Somebody at GitHub, with an address that is proved there. */
function be(login: string, email: string): void {
  hub.user = { id: login, login };
  hub.emails = [{ email, verified: true, primary: true }];
}

/** A browser has much to do on a machine that has little time. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

describeWithChromium("signing in elsewhere and by mail, in Chromium with scripts off", () => {
  beforeAll(async () => {
    browser = await launch();
    await open();
  });
  afterAll(async () => {
    await browser?.close();
    server?.closeAllConnections();
    server?.close();
    await auth?.close();
    await Promise.all([hub?.close(), openid?.close(), post?.close()]);
  });

  test("a button leads to GitHub and back, signed in; a person who says no sees why", () =>
    visit(async (page) => {
      await page.goto(`${site}/login`);
      await page.getByRole("link", { name: "Continue with GitHub" }).click();
      await expect.poll(() => page.url()).toBe(`${site}/account`);
      await page.getByText("Signed in as Octocat@example.com").waitFor();
      await page.getByText("Connected: The Octocat").waitFor();
      await page.getByRole("button", { name: "Sign out" }).click();
      hub.consent = "deny";
      await page.getByRole("link", { name: "Continue with GitHub" }).click();
      hub.consent = "allow";
      expect(await page.getByRole("heading").innerText()).toBe("You are not signed in");
      await page.getByText("You did not allow the provider").waitFor();
      hub.instead.set("/user", (_, response) => void response.writeHead(500).end());
      await page.goto(`${site}/login/github`);
      hub.instead.clear();
      await page.getByText("The provider does not answer at the moment").waitFor();
      await page.getByRole("link", { name: "Back to sign in" }).click();
      await expect.poll(() => page.url()).toBe(`${site}/login`);
    }));

  test("a real OpenID provider signs somebody in, who is connected to the account of the same proved address", () =>
    visit(async (page) => {
      await auth.users.create({ email: "ada@example.com", password, emailVerified: true });
      await page.goto(`${site}/login`);
      await page.getByRole("link", { name: "Continue with Work" }).click();
      await expect.poll(() => page.url()).toBe(`${site}/account`);
      await page.getByText("Signed in as ada@example.com").waitFor();
    }));

  test("somebody who is signed in connects a provider, and disconnects it again", () =>
    visit(async (page) => {
      await auth.users.create({ email: "bob@example.com", password });
      await signIn(page, "bob@example.com");
      hub.user = { id: 77, login: "bob", name: "Bob <b>at</b> GitHub" };
      await page.getByRole("button", { name: "Connect GitHub", exact: true }).click();
      await page.waitForURL(`${site}/account?connected`);
      expect(await page.getByRole("status").innerText()).toMatch(/The provider is connected/);
      await page.getByText("Connected: Bob <b>at</b> GitHub").waitFor();
      await page.getByRole("button", { name: "Disconnect GitHub" }).click();
      await expect.poll(() => page.url()).toBe(`${site}/account`);
      await expect.poll(() => page.getByText("Connected: Bob").count()).toBe(0);
    }));

  test("a forgotten password is replaced by the code of a mail, typed by hand", () =>
    visit(async (page) => {
      await auth.users.create({ email: "carol@example.com", password, emailVerified: true });
      await page.goto(`${site}/login`);
      await page.getByRole("link", { name: "Forgotten your password?" }).click();
      await page.getByLabel("Email").fill("carol@example.com");
      await page.getByRole("button", { name: "Send code" }).click();
      await expect.poll(() => page.url()).toBe(`${site}/password/reset?sent`);
      const code = await mailedTo("carol@example.com");
      await page.getByLabel("Code from the mail").fill(code.toLowerCase().replaceAll("-", " "));
      await page.getByLabel("New password").fill("password123");
      await page.getByRole("button", { name: "Set new password" }).click();
      expect(await page.getByLabel("New password").getAttribute("aria-invalid")).toBe("true");
      await page.getByLabel("New password").fill(next);
      await page.getByRole("button", { name: "Set new password" }).click();
      await expect.poll(() => page.url()).toBe(`${site}/login?reset`);
      await signIn(page, "carol@example.com", next);
      await expect.poll(() => page.url()).toBe(`${site}/account`);
      await page.goto(`${site}/password/reset`);
      await page.getByLabel("Code from the mail").fill(code);
      await page.getByLabel("New password").fill(password);
      await page.getByRole("button", { name: "Set new password" }).click();
      expect(await page.locator("#code-error").innerText()).toMatch(/not valid/);
    }));

  test("an address is confirmed and changed by codes, and the old address is told", () =>
    visit(async (page) => {
      await page.goto(`${site}/register`);
      await page.getByLabel("Email").fill("dora@example.com");
      await page.getByLabel("Password").fill(password);
      await page.getByRole("button", { name: "Create account" }).click();
      await signIn(page, "dora@example.com");
      await page.getByRole("link", { name: "enter the code" }).click();
      await page.getByLabel("Code from the mail").fill(await mailedTo("dora@example.com"));
      await page.getByRole("button", { name: "Confirm" }).click();
      await expect.poll(() => page.url()).toBe(`${site}/account?confirmed`);
      await page.getByText("Confirmed", { exact: true }).waitFor();
      await page.getByLabel("New address").fill("nora@example.com");
      await page.getByRole("button", { name: "Change address" }).click();
      await page.getByLabel("Code from the mail").fill(await mailedTo("nora@example.com"));
      await page.getByRole("button", { name: "Confirm" }).click();
      await page.getByText("Signed in as nora@example.com").waitFor();
      await auth.flush();
      expect(post.mails.at(-1)).toMatchObject({
        recipients: ["dora@example.com"],
        subject: "The e-mail address of your account at Example Cloud was changed",
      });
    }));

  test("a code by mail signs somebody in, in the browser that asked", () =>
    visit(async (page) => {
      await auth.users.create({ email: "erin@example.com", emailVerified: true });
      await page.goto(`${site}/login`);
      await page.getByRole("link", { name: "Mail me a code" }).click();
      await page.getByLabel("Email").fill("erin@example.com");
      await page.getByRole("button", { name: "Send code" }).click();
      await page.getByLabel("Code from the mail").fill(await mailedTo("erin@example.com"));
      await page.getByRole("button", { name: "Sign in" }).click();
      await expect.poll(() => page.url()).toBe(`${site}/account`);
    }));

  test.each(Object.keys(looks))("every page passes axe and fits its window: %s", async (look) => {
    const name = `look-${look.replaceAll(" ", "-")}@example.com`;
    await auth.users.create({ email: name, password });
    const context = await browser.newContext({ ...looks[look] });
    const page = await context.newPage();
    const seen = async (title: string): Promise<void> => {
      await picture(page, `${title} ${look}`);
      expect(await problemsOf(page)).toEqual([]);
      const { width } = page.viewportSize()!;
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
    };
    await page.goto(`${site}/login`);
    await seen("social login");
    await page.goto(`${site}/password/forgot`);
    await seen("password forgot");
    await page.goto(`${site}/password/reset?sent`);
    await seen("password reset");
    await page.getByLabel("Code from the mail").fill("AAAA-BBBB-CCCC");
    await page.getByLabel("New password").fill(next);
    await page.getByRole("button", { name: "Set new password" }).click();
    await seen("password reset wrong");
    await page.goto(`${site}/login/email`);
    await seen("login email");
    await page.goto(`${site}/login/code?sent`);
    await seen("login code");
    await page.goto(`${site}/login/github/callback?state=x`);
    await seen("not signed in");
    hub.consent = "deny";
    await page.goto(`${site}/login/github`);
    hub.consent = "allow";
    await seen("not allowed");
    hub.instead.set("/user", (_, response) => void response.writeHead(500).end());
    await page.goto(`${site}/login/github`);
    hub.instead.clear();
    await seen("provider away");
    await auth.users.create({ email: `taken-${name}`, password });
    be(name, `taken-${name}`);
    await page.goto(`${site}/login/github`);
    await seen("address taken");
    await signIn(page, name);
    await seen("account with address");
    for (const [turn, button] of ["Connect GitHub", "Connect another GitHub account"].entries()) {
      hub.user = {
        id: `${name}-${turn}`,
        login: "ada",
        name: ["Ada Lovelace", "Countess of Lovelace, née the Honourable Augusta Ada Byron"][turn],
      };
      await page.getByRole("button", { name: button }).click();
      await page.waitForURL(`${site}/account?connected`);
    }
    await seen("account with identities");
    await page.getByRole("button", { name: "Disconnect GitHub Ada Lovelace" }).click();
    expect(await page.getByText(/^Connected: /).allInnerTexts()).toEqual([
      expect.stringMatching(/^Connected: Countess of Lovelace, .+ · taken-/),
    ]);
    await page.goto(`${site}/email/verify?sent`);
    await seen("email verify");
    await context.close();
  });
});
