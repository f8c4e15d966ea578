import { afterEach, beforeEach, expect, test } from "vitest";
import { mintUser, testLatchkey, type TestLatchkey } from "latchkey/testing";

let auth: TestLatchkey;
beforeEach(async () => {
  auth = await testLatchkey();
});
afterEach(() => auth.close());

/** Somebody with a key that may manage keys. */
async function holder(scopes: readonly string[] = ["keys:manage"]) {
  const { id } = await mintUser(auth, { roles: [] });
  const { key, record } = await auth.apiKeys.issue({ name: "first", owner: id, scopes });
  return { owner: id, key, id: record.id };
}

/** Asks `/keys` with this key; undefined: with none. A text is sent as it is. */
async function ask(method: string, path: string, body: unknown, key: string | undefined, type = "application/json") {
  const answer = await auth.fetch(
    new Request(`${auth.issuer}/keys${path}`, {
      method,
      headers: { "content-type": type, ...(key === undefined ? {} : { "x-api-key": key }) },
      ...(method === "GET" ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    }),
  );
  const text = await answer.text();
  return { status: answer.status, body: text === "" ? undefined : (JSON.parse(text) as unknown) };
}

test("a key mints nothing that it may not itself [attack:AK-10]", async () => {
  const [without, manager] = [await holder(["orders:read"]), await holder(["keys:manage", "orders:read"])];
  const wanted = { name: "x", scopes: ["orders:write"] };
  expect(await ask("POST", "", wanted, without.key)).toMatchObject({ status: 403, body: { code: "authorization.scope-missing" } });
  expect(await ask("POST", "", wanted, manager.key)).toMatchObject({ status: 403, body: { code: "api-key.beyond-own" } });
  expect(await ask("POST", "", { name: "x", scopes: ["orders:read"] }, manager.key)).toMatchObject({ status: 201 });
});

test("no key is made, changed or ended without a credential, nor anybody else's, whomever the body names [attack:AK-04]", async () => {
  const [victim, other] = [await holder(), await holder()];
  const list = async () => (await ask("GET", "", undefined, victim.key)).body;
  const before = await list();
  const named = { userId: victim.owner, owner: victim.owner, name: "x", scopes: ["keys:manage"] };
  const changes = [
    ["DELETE", `/${victim.id}`],
    ["POST", `/${victim.id}/rotate`],
  ] as const;
  for (const [method, path] of [["POST", ""] as const, ...changes])
    expect(await ask(method, path, named, undefined)).toMatchObject({ status: 401 });
  for (const [method, path] of changes)
    expect(await ask(method, path, named, other.key)).toMatchObject({ status: 404, body: { code: "api-key.not-found" } });
  expect(await ask("POST", "", named, other.key)).toMatchObject({ status: 201, body: { owner: { id: other.owner } } });
  expect(await list()).toEqual(before);
});

test("nothing is taken from the prototype that a body brings, and no prototype is touched [attack:HT-04]", async () => {
  const { key } = await holder();
  const inherited = JSON.stringify({ name: "x", scopes: ["keys:manage"] });
  for (const body of [`{"__proto__":${inherited}}`, `{"constructor":{"prototype":${inherited}}}`])
    expect(await ask("POST", "", body, key)).toMatchObject({ status: 400, body: { detail: "name: it is required." } });
  // Names that every object has are fields like any other.
  const form = "name=x&constructor=y&toString=z&a[__proto__][name]=w&__proto__=v";
  expect(await ask("POST", "", form, key, "application/x-www-form-urlencoded")).toMatchObject({ status: 201, body: { name: "x" } });
  expect(await ask("GET", "?__proto__=x&constructor=y&before[__proto__]=z", undefined, key)).toMatchObject({ status: 200 });
  expect(["name", "scopes", "a"].filter((name) => name in {})).toEqual([]);
});
