import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { mintApiKey, type TestLatchkey, testLatchkey } from "latchkey/testing";
import { breakableStore } from "./breakable-store.ts";
import { frameworks, type Listening, names } from "./frameworks.ts";
import { madeUpMethod, verifiedAs } from "./made-up-method.ts";
import { hangUp } from "./raw-request.ts";

/** What breaks, here or in the app: the same for every framework, through a real server. */
describe.each(names)("%s", (name) => {
  const { store, wire } = breakableStore();
  const reported: [unknown, string | undefined][] = [];
  let waiting: (() => void)[] = [];
  const slow = madeUpMethod({ verify: (text, at) => new Promise((resolve) => waiting.push(() => resolve(verifiedAs(text, at)))) });
  const reading = madeUpMethod({
    name: "reading",
    header: "x-reading",
    reusable: false,
    verify: async (text, at, view) => {
      await view.body(1_000);
      return verifiedAs(text, at);
    },
  });
  let auth: TestLatchkey;
  let app: Listening;

  beforeAll(async () => {
    const onFault = (error: unknown, requestId?: string) => {
      reported.push([error, requestId]);
      throw new Error("a log that fails");
    };
    auth = await testLatchkey({ store, onFault, methods: [slow.method, reading.method] });
    app = await frameworks[name](auth);
  });
  afterEach(() => {
    wire.cut = false;
    reported.length = 0;
    for (const go of waiting) go();
    waiting = [];
  });
  afterAll(async () => {
    await app.close();
    await auth.close();
  });

  const ask = (path: string, headers: Record<string, string> = {}) => fetch(app.url + path, { headers });

  test("answers 503 with Retry-After, never 401, when the store does not answer, and tells onFault with the request's id [attack:HT-10]", async () => {
    const { headers } = await mintApiKey(auth, { scopes: ["posts:read"] });
    wire.cut = true;
    for (const path of ["/posts", "/auth/whoami", "/tenants/a/posts"]) {
      const answer = await ask(path, headers);
      const requestId = answer.headers.get("x-request-id");
      expect([path, answer.status, answer.headers.get("retry-after")]).toEqual([path, 503, "7"]);
      expect(answer.headers.get("www-authenticate")).toBeNull();
      expect(await answer.json()).toMatchObject({ code: "unavailable", requestId });
      expect(reported).toContainEqual([expect.objectContaining({ code: "LATCHKEY_STORE_UNAVAILABLE" }), requestId]);
    }
    wire.cut = false;
    expect((await ask("/posts", headers)).status).toBe(200);
  });

  test("says nothing to the client of what broke", async () => {
    const { headers } = await mintApiKey(auth, { scopes: ["posts:read"] });
    wire.cut = true;
    expect(await (await ask("/posts", headers)).text()).not.toMatch(/wire|sql|Fault/i);
  });

  test.each([
    ["throws", "thrown"],
    ["rejects", "rejected"],
  ])("leaves a handler that %s behind the guard to the app's own error handling, cold and warm", async (path, message) => {
    const { headers } = await mintApiKey(auth);
    for (let turn = 0; turn < 2; turn += 1) {
      const answer = await ask(`/${path}`, headers);
      const body = (await answer.json()) as object;
      expect([answer.status, body]).toEqual(
        // node:http has no error handling: the guard answers there, and tells onFault, since nobody else could.
        [500, name === "node:http" ? { ...body, code: "internal" } : { handled: message }],
      );
    }
    expect(reported.map(([error]) => (error as Error).message)).toEqual(name === "node:http" ? [message, message] : []);
  });

  test("survives a client that goes away while its credential is verified", async () => {
    await hangUp(app.port, "GET /any HTTP/1.1\r\nHost: localhost\r\nX-Made-Up: ada\r\n\r\n");
    await expect.poll(() => waiting.length).toBe(1);
    waiting[0]!();
    const { headers } = await mintApiKey(auth);
    expect((await ask("/any", headers)).status).toBe(200);
    expect(reported).toEqual([]);
  });

  test("survives a client that goes away in the middle of a body that a method reads, and calls it no fault", async () => {
    reading.asked.length = 0;
    await hangUp(
      app.port,
      "POST /guarded-first HTTP/1.1\r\nHost: localhost\r\nX-Reading: ada\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{",
    );
    await expect.poll(() => reading.asked.length).toBe(1);
    const { headers } = await mintApiKey(auth);
    for (let turn = 0; turn < 3; turn += 1) expect((await ask("/any", headers)).status).toBe(200);
    expect(reported).toEqual([]);
  });
});
