import { Agent, request as httpRequest } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mintApiKey, mintUser, type TestLatchkey, testLatchkey } from "latchkey/testing";
import { sha256 } from "../src/primitives/index.ts";
import { frameworks, type Listening, names } from "./frameworks.ts";
import { madeUpMethod, madeUpRefusals, verifiedAs } from "./made-up-method.ts";
import { rawDialogue, rawExchange } from "./raw-request.ts";

/** Bodies, and the connections they come by: the same for every framework, through a real server. */
describe.each(names)("%s", (name) => {
  /** A method that proves the body, as a signature does: it must have the very bytes. */
  const digested = madeUpMethod({
    header: "x-digest",
    reusable: false,
    verify: async (text, at, view) =>
      sha256(Buffer.from(await view.body(100_000)).toString()) === text ? verifiedAs("ada", at) : madeUpRefusals.bad(),
  });
  let auth: TestLatchkey;
  let app: Listening;
  let key: Record<string, string>;

  beforeAll(async () => {
    auth = await testLatchkey({ methods: [digested.method] });
    app = await frameworks[name](auth);
    key = (await mintApiKey(auth)).headers;
  });
  afterAll(async () => {
    await app.close();
    await auth.close();
  });

  const post = async (path: string, body: string, headers: Record<string, string>) => {
    const answer = await fetch(app.url + path, { method: "POST", body, headers: { "content-type": "application/json", ...headers } });
    return [answer.status, await answer.json()];
  };
  const long = JSON.stringify({ text: "x".repeat(90_000) });

  describe.each(["/parsed-first", "/guarded-first"])("a body of %s", (path) => {
    test("is the handler's to read", async () => {
      expect(await post(path, '{"a":1}', key)).toEqual([200, { subject: expect.stringMatching(/^key_/), body: { a: 1 } }]);
      expect(await post(path, long, key)).toMatchObject([200, { body: JSON.parse(long) as object }]);
    });

    test.each([
      ["a short one", '{"a":1}'],
      ["one of many packets", long],
    ])("is seen by a method that proves it, and is still the handler's: %s", async (_, body) => {
      expect(await post(path, body, { "x-digest": sha256(body) })).toEqual([200, { subject: "usr_ada", body: JSON.parse(body) as object }]);
    });

    test("is refused by that method when it is another", async () => {
      expect(await post(path, '{"a":2}', { "x-digest": sha256('{"a":1}') })).toMatchObject([401, { code: "made-up.bad" }]);
    });

    test("in pieces of no declared length is seen whole", async () => {
      const head = [`POST ${path} HTTP/1.1`, "Host: localhost", `X-Digest: ${sha256('{"a":1}')}`, "Content-Type: application/json"];
      const chunked = [...head, "Transfer-Encoding: chunked", "Connection: close", "", ""].join("\r\n");
      const answer = await rawExchange(app.port, chunked, '3\r\n{"a\r\n', '4\r\n":1}\r\n', "0\r\n\r\n");
      expect(answer).toMatch(/^HTTP\/1\.1 200/);
      expect(answer).toContain('"body":{"a":1}');
    });
  });

  test("bodies of Latchkey's own endpoints are read below a prefix, JSON or form", async () => {
    const { headers } = await mintApiKey(auth, { owner: (await mintUser(auth)).id, scopes: ["keys:manage"] });
    expect(await post("/auth/keys", '{"name":"mine"}', headers)).toMatchObject([201, { name: "mine" }]);
    const form = { ...headers, "content-type": "application/x-www-form-urlencoded" };
    expect(await post("/auth/keys", "name=mine", form)).toMatchObject([201, { name: "mine" }]);
    expect(await post("/auth/keys", "x".repeat(70_000), headers)).toMatchObject([413, { code: "http.body-too-large" }]);
  });

  test("a connection is used again after a refusal whose body nobody read", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const send = (method: string, path: string, headers: Record<string, string>, body?: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const sent = httpRequest(app.url + path, { agent, method, headers }, (answer) => {
          answer.resume().on("end", () => resolve(answer.statusCode!));
        });
        sent.on("error", reject).end(body);
      });
    expect(await send("POST", "/guarded-first", { "content-type": "application/json" }, '{"a":1}')).toBe(401);
    expect(await send("GET", "/any", key)).toBe(200);
    expect(await send("POST", "/guarded-first", { "content-type": "application/json" }, long)).toBe(401);
    expect(await send("GET", "/any", key)).toBe(200);
    agent.destroy();
  });

  test("an unread body is never taken for the next request [attack:HT-05]", async () => {
    const smuggled = `GET /any HTTP/1.1\r\nHost: localhost\r\nX-API-Key: ${key["x-api-key"]!}\r\n\r\n`;
    const head = `POST /guarded-first HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${smuggled.length}\r\n`;
    for (const pieces of [[`${head}Connection: close\r\n\r\n${smuggled}`], [`${head}Connection: close\r\n\r\n`, smuggled]]) {
      const answer = await rawExchange(app.port, ...pieces);
      expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 401"]);
    }
    // Not there yet when it is answered: the connection goes, or it is read as the body that it is, and what follows is a request.
    const late = await rawDialogue(app.port, `${head}\r\n`, `${smuggled}GET /any HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    expect(new Set(late.match(/HTTP\/1\.1 \d+/g))).toEqual(new Set(["HTTP/1.1 401"]));
    // Where the answer is a `Response`, which of the two is the framework's to say.
    if (name === "Hono 4" || name === "fetch") return;
    const unsent = await rawExchange(app.port, `${head}\r\n`);
    expect(unsent).toMatch(/^HTTP\/1\.1 401 [^]*\r\nconnection: close\r\n/i);
  });
});
