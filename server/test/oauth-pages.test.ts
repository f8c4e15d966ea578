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
const challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

let browser: Browser;
let servers: Server[];
let auth: Latchkey;
let site: string;
let app: string;

const listen = async (listener: RequestListener): Promise<[Server, number]> => {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return [server, (server.address() as AddressInfo).port];
};

/** The app to which people are sent back: it shows what came. */
const clientApp: RequestListener = (request, response) => {
  response.setHeader("content-type", "text/html");
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () =>
    response.end(
      `<!doctype html><title>App</title><p id="method">${request.method}</p><p id="body">${Buffer.concat(chunks).toString()}</p>`,
    ),
  );
};

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

async function visit(steps: (page: Page) => Promise<void>, options: Parameters<typeof visitor>[1] = {}): Promise<void> {
  const context = await visitor(browser, options);
  try {
    await steps(await context.newPage());
  } finally {
    await context.close();
  }
}

async function clientId(options: { readonly name?: string; readonly firstParty?: boolean } = {}): Promise<string> {
  const { client } = await auth.clients.create({
    name: options.name ?? "Calendar",
    grants: ["authorization_code", "refresh_token"],
    redirectUris: [`${app}/cb`],
    scopes: ["openid", "profile", "email", "offline_access", "posts:read", "billing:write"],
    firstParty: options.firstParty ?? false,
  });
  return client.id;
}

const requestOf = (client_id: string, changes: Record<string, string> = {}) => {
  const base = {
    response_type: "code",
    client_id,
    redirect_uri: `${app}/cb`,
    scope: "openid email offline_access posts:read",
    state: "s-1",
  };
  return `${site}/oauth/authorize?${new URLSearchParams({ ...base, code_challenge: challenge, code_challenge_method: "S256", ...changes }).toString()}`;
};

async function signInOn(page: Page): Promise<void> {
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

describeWithChromium("the pages of the OAuth server, in Chromium", () => {
  beforeAll(async () => {
    browser = await launch();
    let answer: RequestListener = (_, response) => response.end();
    const [server, port] = await listen((request, response) => answer(request, response));
    const [client, clientPort] = await listen(clientApp);
    servers = [server, client];
    site = `http://localhost:${port}`;
    app = `http://127.0.0.1:${clientPort}`;
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
  });
  afterAll(async () => {
    await browser?.close();
    for (const server of servers ?? []) {
      server.closeAllConnections();
      server.close();
    }
    await auth?.close();
  });

  test("sign somebody in, ask, send a code to another origin without a script, and take it back on the account page", async () => {
    const id = await clientId();
    await visit(async (page) => {
      await page.goto(requestOf(id));
      await expect.poll(() => new URL(page.url()).pathname).toBe("/login");
      await signInOn(page);
      await page.getByRole("heading", { name: "Calendar asks for access to your account" }).waitFor();
      await page.getByText("Read your posts").waitFor();
      await page.getByRole("button", { name: "Allow" }).click();
      await expect.poll(() => page.url()).toMatch(new RegExp(`^${app}/cb\\?code=lkg_live_\\w+&state=s-1&iss=`));
      // Agreed to once: the way from the sign-in form to the other origin is open too.
      await page.goto(requestOf(id, { prompt: "login" }));
      await signInOn(page);
      await expect.poll(() => page.url()).toContain(`${app}/cb?code=`);
      await page.goto(`${site}/account`);
      await page.getByRole("button", { name: "Withdraw access of Calendar" }).click();
      await expect.poll(() => page.getByText("Connected apps").count()).toBe(0);
      await page.goto(requestOf(id));
      await page.getByRole("button", { name: "Deny" }).click();
      await expect.poll(() => page.url()).toContain("error=access_denied");
    });
  });

  test("post the answer where the client wants it, with a script or without", async () => {
    const id = await clientId({ firstParty: true });
    for (const javaScriptEnabled of [true, false])
      await visit(
        async (page) => {
          await page.goto(requestOf(id, { response_mode: "form_post" }));
          await signInOn(page);
          if (!javaScriptEnabled) await page.getByRole("button", { name: "Continue" }).click();
          await page.waitForURL(`${app}/cb`);
          await expect.poll(() => page.locator("#method").textContent()).toBe("POST");
          await expect.poll(() => page.locator("#body").textContent()).toMatch(/^code=lkg_live_\w+&state=s-1&iss=/);
        },
        { javaScriptEnabled },
      );
  });

  test("look right in every size and color, and axe finds nothing wrong", async () => {
    const id = await clientId({ name: "Calendar of the Society for the Promotion of Long Names" });
    for (const [name, look] of Object.entries(looks))
      await visit(
        async (page) => {
          await page.goto(requestOf(id, { scope: "openid profile email offline_access posts:read billing:write" }));
          await signInOn(page);
          await picture(page, `consent ${name}`);
          expect(await problemsOf(page)).toEqual([]);
          const wide = await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth");
          expect(wide).toBe(false);
          await page.goto(requestOf(id, { redirect_uri: "https://evil.example/" }));
          await picture(page, `oauth error ${name}`);
          expect(await problemsOf(page)).toEqual([]);
          await page.goto(requestOf(id, { prompt: "consent" }));
          await page.getByRole("button", { name: "Allow" }).click();
          await page.goto(`${site}/account`);
          await picture(page, `account apps ${name}`);
          expect(await problemsOf(page)).toEqual([]);
        },
        { ...look, javaScriptEnabled: true, bypassCSP: true },
      );
  });
});
