import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLatchkey, type Latchkey } from "latchkey";
import { sqlite } from "latchkey/sqlite";
import { createFormTokens } from "../src/policies/csrf/index.ts";
import { deriveKeys, sha256 } from "../src/primitives/index.ts";
import { weakPasswords } from "./accounts-house.ts";
import { browser, type Browser, json, type RequestFacts, untold } from "./browser.ts";

const secret = "a test secret of at least 32 bytes";
const older = "an older secret of at least 32 bytes";
const email = "ada@example.com";
const password = "four quiet grey horses";
const credentials = new URLSearchParams({ email, password }).toString();

let auth: Latchkey;
let person: Browser;

beforeEach(async () => {
  auth = await createLatchkey({
    issuer: "https://good.example",
    store: sqlite(":memory:"),
    secret: [secret, older],
    passwords: weakPasswords,
    sessions: { trustedOrigins: ["https://app.good.example"] },
  });
  const { id } = await auth.users.create({ email, password });
  const { token } = await auth.sessions.create({ user: id });
  person = browser(auth, new Map([["__Host-latchkey", token]]));
});
afterEach(() => auth.close());

const from = (site: string | undefined, origin: string | undefined, more: Record<string, string> = {}): RequestFacts["headers"] => ({
  "sec-fetch-site": site,
  origin,
  host: "good.example",
  ...more,
});

/** What a page elsewhere can make a browser send. */
const foreign: Readonly<Record<string, RequestFacts["headers"]>> = {
  "a page elsewhere": from("cross-site", "https://evil.example"),
  "a neighbouring host": from("same-site", "https://x.good.example"),
  "a sandboxed frame": from("cross-site", "null"),
  "an old browser elsewhere": from(undefined, "https://evil.example"),
  "an origin that ends like ours": from(undefined, "https://evilgood.example"),
  "an origin that begins like ours": from(undefined, "https://good.example.evil"),
  "our host in clear": from(undefined, "http://good.example"),
  "our host on another port": from(undefined, "https://good.example:8443"),
  "origin null alone": from(undefined, "null"),
  "two origins in one line": from(undefined, "https://good.example, https://evil.example"),
  "an origin in capitals": from(undefined, "HTTPS://GOOD.EXAMPLE"),
};

const changes: readonly (readonly [string, string])[] = [
  ["POST", "/keys"],
  ["DELETE", "/sessions"],
  ["DELETE", "/sessions/ses_x"],
  ["POST", "/logout"],
];

describe("a change with a session", () => {
  test("from any page but ours is not done [attack:SE-08] [asvs:V3.5.1]", async () => {
    for (const [how, headers] of Object.entries(foreign)) {
      for (const [method, target] of changes) {
        const answer = await person.ask(method, target, { headers, body: { name: "theirs" } });
        expect([`${how}: ${method} ${target}`, json(answer)]).toMatchObject([
          `${how}: ${method} ${target}`,
          { status: 403, code: "csrf.foreign-page" },
        ]);
      }
      for (const method of ["POST", "PUT", "PATCH", "DELETE", "TRACE", "post"]) {
        expect([`${how}: ${method}`, await person.codeFor(auth.rule(), method, headers === undefined ? {} : { headers })]).toEqual([
          `${how}: ${method}`,
          "csrf.foreign-page",
        ]);
      }
    }
    expect(await person.codeFor(auth.rule())).toBe("allowed");
  });

  test("from nowhere that is told is not done, unless no form could have made it [attack:SE-08] [asvs:V3.5.2]", async () => {
    const rule = auth.rule();
    const simple = ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", undefined];
    for (const type of simple) {
      const headers = { ...untold, "content-type": type };
      expect([String(type), await person.codeFor(rule, "POST", { headers, body: '{"name":"x"}' })]).toEqual([
        String(type),
        "csrf.unproven",
      ]);
    }
    expect(await person.codeFor(rule, "POST", { headers: untold, body: { name: "x" } })).toBe("allowed");
    const answer = await person.ask("POST", "/logout", { headers: untold });
    expect(json(answer)).toMatchObject({
      status: 403,
      code: "csrf.unproven",
      detail: expect.stringContaining("Origin: https://good.example"),
    });
  });

  test("from our own pages, and from those that are trusted, is done", async () => {
    const good = [
      from("same-origin", "https://good.example"),
      // Our pages send no referrer, for which browsers write the origin as null.
      from("same-origin", "null"),
      from("same-origin", undefined),
      from("none", undefined),
      from(undefined, "https://good.example"),
      from("same-site", "https://app.good.example"),
    ];
    for (const headers of good) expect(await person.codeFor(auth.rule(), "POST", { headers })).toBe("allowed");
  });

  test("is safe to ask for by GET, which changes nothing, whatever the query says [asvs:V3.5.3]", async () => {
    for (const headers of Object.values(foreign)) {
      const answer = await person.ask("GET", "/sessions?_method=DELETE", { headers });
      expect((json(answer).sessions as unknown[]).length).toBe(1);
    }
  });

  test("with an explicit credential is not asked where it comes from", async () => {
    const { key } = await auth.apiKeys.issue({ name: "ci" });
    const headers = { ...from("cross-site", "https://evil.example"), "x-api-key": key };
    expect(await person.codeFor(auth.rule(), "POST", { headers })).toBe("allowed");
  });
});

describe("the token of a form", () => {
  const tokens = (secrets: readonly string[]) => createFormTokens(deriveKeys(secrets, "csrf"));
  const digest = () => sha256(person.cookies.get("__Host-latchkey")!);
  const post = (token: string) =>
    person.codeFor(auth.rule(), "POST", { headers: untold, body: new URLSearchParams({ csrf_token: token }).toString() });

  test("lets an old browser's form through, by field or by header", async () => {
    const token = tokens([secret]).make(digest());
    expect(await post(token)).toBe("allowed");
    expect(await person.codeFor(auth.rule(), "DELETE", { headers: { ...untold, "x-csrf-token": token } })).toBe("allowed");
  });

  test("of another session, cut, empty or of a master secret that is gone is refused; of an older one that is listed it is not [attack:SE-10]", async () => {
    const good = tokens([secret]).make(digest());
    for (const token of [
      "",
      good.slice(1),
      `${good}x`,
      tokens([secret]).make(sha256("other")),
      tokens(["a secret that was removed from the list"]).make(digest()),
    ]) {
      expect([token, await post(token)]).toEqual([token, "csrf.unproven"]);
    }
    expect(await post(tokens([older]).make(digest()))).toBe("allowed");
  });

  test("does not help a page elsewhere that got hold of it", async () => {
    const headers = { ...foreign["a page elsewhere"], "x-csrf-token": tokens([secret]).make(digest()) };
    expect(await person.codeFor(auth.rule(), "POST", { headers })).toBe("csrf.foreign-page");
  });
});

describe("signing in", () => {
  test("cannot be made by a page elsewhere, which would sign its visitor in as somebody else [asvs:V7.6.2]", async () => {
    for (const [how, headers] of Object.entries(foreign)) {
      const visitor = browser(auth);
      const answer = await visitor.ask("POST", "/login", { headers, body: credentials });
      expect([how, answer.status]).toEqual([how, 403]);
      expect([how, visitor.cookies.size]).toEqual([how, 0]);
    }
    const answer = await browser(auth).ask("POST", "/login", { headers: untold, body: credentials });
    expect(json(answer)).toMatchObject({ code: "csrf.unproven" });
  });

  test("by JSON from a program needs no browser's word", async () => {
    expect(await browser(auth).ask("POST", "/login", { headers: untold, body: { email, password } })).toMatchObject({ status: 200 });
  });

  test("as text/plain is refused whatever it says it is [asvs:V3.5.2]", async () => {
    const answer = await browser(auth).ask("POST", "/login", {
      headers: { "content-type": "text/plain" },
      body: JSON.stringify({ email, password }),
    });
    expect(json(answer)).toMatchObject({ status: 415 });
  });
});
