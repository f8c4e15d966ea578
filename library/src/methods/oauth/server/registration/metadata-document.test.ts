import { beforeEach, expect, test } from "vitest";
import { createMetadataDocuments } from "./metadata-document.ts";

const minute = 60_000;
let now: number;
let asked: string[];
/** `cache-control` of every answer. */
let control: string | undefined;
let counted: Map<number, number>;
let find: (url: string) => Promise<unknown>;
let gone: boolean;

beforeEach(() => {
  now = 1_700_000_000_000;
  asked = [];
  gone = false;
  control = "max-age=86400";
  counted = new Map();
  find = sourceOf();
});

function sourceOf({ allowLoopback = false, scopes = ["openid"] } = {}) {
  const source = createMetadataDocuments({
    fetch: async (url) => {
      asked.push(url);
      const document = { client_id: url, client_name: "An agent", redirect_uris: ["https://agent.example/cb"] };
      return {
        status: gone ? 404 : 200,
        headers: { "content-type": "application/json", "cache-control": control },
        body: Buffer.from(JSON.stringify(document)),
      };
    },
    checkSector: async () => undefined,
    clock: { now: () => now },
    ephemeral: {
      increment: (_key, by, windowMs) => {
        const window = Math.floor(now / windowMs);
        counted.set(window, (counted.get(window) ?? 0) + by);
        return { count: counted.get(window)!, resetAt: (window + 1) * windowMs };
      },
    },
    choices: { grants: ["authorization_code"], authentications: ["none"], audiences: [], tokenFormat: "jwt" },
    scopes,
    allowLoopback,
  });
  return async (url: string) => source.find(url);
}

/** Whether it is asked for again this long after it was read. */
const askedAfter = async (ms: number) => {
  const url = `https://agent.example/${asked.length}`;
  await find(url);
  const before = asked.length;
  now += ms;
  await find(url);
  return asked.length > before;
};

test.each([
  ["says nothing", undefined, 10 * minute],
  ["says something else", "public", 10 * minute],
  ["says an hour", "public, max-age=3600", 60 * minute],
  ["says no time at all", "max-age=0", minute],
  ["wants not to be kept", "no-store, max-age=3600", minute],
  ["wants to be asked for each time", "no-cache", minute],
  ["says a year", "max-age=31536000", 24 * 60 * minute],
])("a document that %s is kept for its time, a minute at least and a day at most", async (_, said, kept) => {
  control = said;
  expect(await askedAfter(kept - 1)).toBe(false);
  expect(await askedAfter(kept)).toBe(true);
});

test("no more than 120 documents are fetched in a minute, whoever names them, and those that are known are not refused [attack:OS-25]", async () => {
  for (let taken = 0; taken < 120; taken += 1) expect(await find(`https://agent.example/${taken}`)).toBeDefined();
  expect(await find("https://agent.example/one-more")).toBeUndefined();
  expect(asked).toHaveLength(120);
  expect(await find("https://agent.example/0")).toBeDefined();
  now += minute;
  expect(await find("https://agent.example/one-more")).toBeDefined();
});

test("who names ever new documents does not shut out the clients that are known, also when theirs is over [attack:OS-25]", async () => {
  await find("https://agent.example/known");
  now += 24 * 60 * minute;
  for (let taken = 0; taken < 130; taken += 1) await find(`https://evil.example/${taken}`);
  expect(await find("https://evil.example/one-more")).toBeUndefined();
  expect(await find("https://agent.example/known")).toBeDefined();
  expect(asked.at(-1)).toBe("https://agent.example/known");
});

test("a document that is gone is asked for within the budget of new ones [attack:OS-25]", async () => {
  await find("https://evil.example/once");
  now += 24 * 60 * minute;
  gone = true;
  asked.length = 0;
  for (let turn = 0; turn < 300; turn += 1) expect(await find("https://evil.example/once")).toBeUndefined();
  // The first of them was of a document that was known.
  expect(asked).toHaveLength(121);
});

test("a thousand documents are remembered, and the one that was used longest ago is forgotten first", async () => {
  for (let read = 0; read <= 1_000; read += 1) {
    // Each in its own minute: what is tested is not how many are fetched in one.
    now += read % 100 === 0 ? minute : 0;
    await find(`https://agent.example/${read}`);
  }
  await find("https://agent.example/1000");
  await find("https://agent.example/1");
  expect(asked).toHaveLength(1_001);
  await find("https://agent.example/0");
  expect(asked).toHaveLength(1_002);
});

test.each([
  ["longer than the name of a client may be", `https://agent.example/${"x".repeat(179)}`],
  ["in clear", "http://agent.example/client.json"],
  ["in clear, on this machine", "http://127.0.0.1/client.json"],
  ["with a name in it", "https://ada@agent.example/client.json"],
  ["with a password in it", "https://:x@agent.example/client.json"],
  ["without a path", "https://agent.example/"],
  ["with a fragment", "https://agent.example/client.json#x"],
  ["with an empty fragment", "https://agent.example/client.json#"],
  ["with dots in its path", "https://agent.example/a/../client.json"],
  ["with a host in capitals", "https://AGENT.example/client.json"],
  ["with its usual port", "https://agent.example:443/client.json"],
  ["of another kind", "ftp://agent.example/client.json"],
  ["with a space", "https://agent.example/client json"],
])("a URL %s is not asked for [attack:OS-25]", async (_, url) => {
  expect(await find(url)).toBeUndefined();
  expect(asked).toEqual([]);
});

test("a URL as long as the name of a client may be is one, and on a developer's machine one in clear is too", async () => {
  expect(await find(`https://agent.example/${"x".repeat(178)}`)).toBeDefined();
  find = sourceOf({ allowLoopback: true });
  expect(await find("http://127.0.0.1/client.json")).toBeDefined();
});

test("a client that is a document may ask for what the operator lets such clients ask for", async () => {
  find = sourceOf({ scopes: ["openid", "posts:read"] });
  expect(await find("https://agent.example/client.json")).toMatchObject({
    mayAskFor: ["openid", "posts:read"],
    secrets: [],
    firstParty: false,
  });
});
