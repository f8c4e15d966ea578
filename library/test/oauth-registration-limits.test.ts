// How much a client that registers itself may say, and how often anybody may.
import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { auth, eachInAHouse } from "./oauth-fixture.ts";
import { newApp, post, type Reply } from "./oauth-house.ts";

eachInAHouse({}, { registration: { mode: "open", scopes: ["openid"] } });

const json = { "content-type": "application/json" };
const app = { client_name: "Calendar", redirect_uris: ["https://app.example.com/cb"] };
const register = (change: object, headers: Record<string, string> = json): Promise<Reply> =>
  post(auth, "/oauth/register", JSON.stringify({ ...app, ...change }), headers);
const times = <T>(count: number, one: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => one(index));
const x = (length: number) => "x".repeat(length);

const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const key = ec.publicKey.export({ format: "jwk" });
const keyed = (...keys: object[]) => ({ token_endpoint_auth_method: "private_key_jwt", jwks: { keys } });
/** A key whose set is of this length as JSON. */
const keyOfLength = (length: number) => {
  const bare = JSON.stringify({ keys: [{ ...key, kid: "" }] }).length;
  return { ...key, kid: x(length - bare) };
};

describe("metadata", () => {
  test.each<[string, object, object]>([
    ["20 grant types", { grant_types: times(20, () => "authorization_code") }, { grant_types: times(21, () => "authorization_code") }],
    ["5 response types", { response_types: times(5, () => "code") }, { response_types: times(6, () => "code") }],
    ["a scope of 5,000 characters", { scope: x(5_000) }, { scope: x(5_001) }],
    ["10 contacts", { contacts: times(10, () => "a@b.c") }, { contacts: times(11, () => "a@b.c") }],
    ["contacts of 200 characters", { contacts: [x(200)] }, { contacts: [x(201)] }],
    ["contacts that are texts", { contacts: ["a@b.c"] }, { contacts: [{}] }],
    ["a software_id of 200 characters", { software_id: x(200) }, { software_id: x(201) }],
    ["a software_version of 100 characters", { software_version: x(100) }, { software_version: x(101) }],
    ["text without controls", { software_id: "a b" }, { software_id: "a\u0007b" }],
    ["text of whole characters", { software_id: "\u{1f600}" }, { software_id: "\ud83d" }],
    ["one of two kinds of app", { application_type: "native" }, { application_type: "desktop" }],
    ["a default_max_age from 0", { default_max_age: 0 }, { default_max_age: -1 }],
    ["a default_max_age in numbers", { default_max_age: 60 }, { default_max_age: "60" }],
    ["a name of 100 characters", { client_name: x(100) }, { client_name: x(101) }],
    ["https pages, nobody's name in them", { logo_uri: "https://a.example/l.png" }, { logo_uri: "https://a@a.example/l.png" }],
    ["https pages, no password in them", { tos_uri: "https://a.example/" }, { tos_uri: "https://:b@a.example/" }],
    ["pages in clear on the own machine only", { client_uri: "http://localhost:1/" }, { client_uri: "http://a.example/" }],
    ["pages without markup", { policy_uri: "https://a.example/?%22" }, { policy_uri: 'https://a.example/?"><script>' }],
    ["pages of 2,000 characters", { logo_uri: `https://a.example/${x(1_982)}` }, { logo_uri: `https://a.example/${x(1_983)}` }],
    [
      "20 addresses after signing out",
      { post_logout_redirect_uris: times(20, (one) => `https://a.example/${one}`) },
      { post_logout_redirect_uris: times(21, (one) => `https://a.example/${one}`) },
    ],
    [
      "an app's own scheme after signing out, without fragment",
      { post_logout_redirect_uris: ["com.example.app:/out"] },
      { post_logout_redirect_uris: ["com.example.app:/out#x"] },
    ],
    ["20 keys", keyed(...times(20, () => key)), keyed(...times(21, () => key))],
    ["keys of 40,000 characters", keyed(keyOfLength(40_000)), keyed(keyOfLength(40_001))],
    ["public keys", keyed(key), keyed(ec.privateKey.export({ format: "jwk" }))],
    ["keys that are not shared", keyed(key), keyed({ kty: "oct" })],
    ["keys in one place", keyed(key), { ...keyed(key), jwks_uri: "https://a.example/jwks" }],
  ])("is taken with %s, and not beyond: oauth.invalid-client-metadata", async (_, good, beyond) => {
    const { status, body } = await register(beyond);
    expect({ status, error: body["error"] }).toEqual({ status: 400, error: "invalid_client_metadata" });
    expect((await register(good)).status).toBe(201);
  });

  test("gives away no part of a private key of any kind", async () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const { kty, n, e, d, p, q } = privateKey.export({ format: "jwk" });
    for (const part of [{ d }, { p }, { q }, { k: "x" }])
      expect({ part: Object.keys(part), status: (await register(keyed({ kty, n, e, ...part }))).status }).toMatchObject({ status: 400 });
    expect((await register(keyed({ kty, n, e }))).status).toBe(201);
  });

  test("is JSON by its type, not by its looks", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""])
      expect((await register({}, { "content-type": type })).body["error"]).toBe("invalid_client_metadata");
    expect((await register({}, { "content-type": "application/json; charset=utf-8" })).status).toBe(201);
  });

  test("without a name is named by where it leads, cut to the length of a name", async () => {
    const host = `${x(60)}.${x(60)}.example`;
    expect((await register({ client_name: undefined, redirect_uris: [`https://${host}/cb`] })).body["client_name"]).toBe(
      host.slice(0, 100),
    );
  });
});

describe("redirect URIs [attack:OS-04]", () => {
  const isTaken = async (uri: string, more: object = {}) => (await register({ redirect_uris: [uri], ...more })).status === 201;
  const native = { token_endpoint_auth_method: "none" };

  test.each([
    ["with an umlaut", "https://app.example.com/cä"],
    ["with a space", "https://app.example.com/c b"],
    ["with a tab", "https://app.example.com/c\tb"],
    ["with a backslash", "https://app.example.com\\@evil.example/cb"],
    ["with a backslash in its path", "https://app.example.com/\\evil.example"],
    ["with markup", "https://app.example.com/<script>"],
    ["with a quote", 'https://app.example.com/"'],
    ["with a wildcard", "https://app.example.com/*"],
    ["with an empty fragment", "https://app.example.com/#"],
    ["with a name", "https://ada@app.example.com/cb"],
    ["with a password", "https://:x@app.example.com/cb"],
    ["with dots", "https://app.example.com/a/./cb"],
    ["with dots at its end", "https://app.example.com/a/.."],
    ["without a host", "https:cb"],
    ["in clear", "http://app.example.com/cb"],
    ["in clear at a name that begins as loopback does", "http://127.0.0.1.evil.example/cb"],
    ["that is too long", `https://app.example.com/${x(1_977)}`],
    ["that is a word", "com.example"],
  ])("%s are refused, of an app without secrets too", async (_, uri) => {
    expect(await isTaken(uri)).toBe(false);
    expect(await isTaken(uri, native)).toBe(false);
  });

  test("as long as one may be, with a query, and of this machine are taken", async () => {
    for (const uri of [
      `https://app.example.com/${x(1_976)}`,
      "https://app.example.com/cb?a=../b",
      "http://127.0.0.1:8080/cb",
      "http://[::1]/cb",
      "http://localhost/cb",
    ])
      expect({ uri, taken: await isTaken(uri) }).toEqual({ uri, taken: true });
  });

  test("with a scheme of an app's own are for apps without secrets, and have a dot in it", async () => {
    expect(await isTaken("com.example.app:/cb", native)).toBe(true);
    expect(await isTaken("com.example.app:/cb")).toBe(false);
    for (const uri of ["app:/cb", "com.example.app:cb", "com.example.app://cb", "javascript:/x", "data:/x"])
      expect({ uri, taken: await isTaken(uri, native) }).toEqual({ uri, taken: false });
  });

  test("are twenty at most, and fifty where an operator names them", async () => {
    const uris = (count: number) => times(count, (one) => `https://app.example.com/${one}`);
    expect((await register({ redirect_uris: uris(21) })).body["error"]).toBe("invalid_redirect_uri");
    expect((await register({ redirect_uris: uris(20) })).status).toBe(201);
    await expect(newApp(auth, { redirectUris: uris(51) })).rejects.toMatchObject({ option: "redirectUris" });
    expect(await newApp(auth, { redirectUris: uris(50) })).toBeDefined();
  });
});

describe("who registers", () => {
  const status = async (peerAddress: string, body = "no metadata") => {
    const request = new Request(`${auth.issuer}/oauth/register`, { method: "POST", headers: json, body });
    return (await auth.fetch(request, { peerAddress })).status;
  };

  test("is counted before anything is read, and by network where addresses are cheap: oauth.temporarily-unavailable", async () => {
    for (let taken = 0; taken < 20; taken += 1) expect(await status(`2001:db8:1:2::${taken}`)).toBe(400);
    expect(await status("2001:db8:1:2:ffff::1", JSON.stringify(app))).toBe(429);
    expect(await status("2001:db8:1:3::1", JSON.stringify(app))).toBe(201);
  });

  test("is one of a thousand an hour, from wherever they come", async () => {
    const one = (index: number) => `10.${index >> 8}.${index & 255}.1`;
    for (let taken = 0; taken < 1_000; taken += 1) expect(await status(one(taken))).toBe(400);
    expect(await status(one(1_000), JSON.stringify(app))).toBe(429);
    auth.clock.advance("61m");
    expect(await status(one(1_001), JSON.stringify(app))).toBe(201);
  });

  test("waits for no more than twenty old registrations to go", async () => {
    const clients = async () => {
      const query = auth.store.database<{ latchkey_client: { id: string } }>().selectFrom("latchkey_client").select("id");
      return (await query.execute()).length;
    };
    for (let made = 0; made < 25; made += 1) await register({});
    auth.clock.advance("8d");
    await register({});
    expect(await clients()).toBe(25 - 20 + 1);
    await register({});
    expect(await clients()).toBe(2);
  });
});
