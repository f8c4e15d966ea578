import { generateKeyPairSync, randomUUID } from "node:crypto";
import { importPKCS8, SignJWT } from "jose";
import { describe, expect, test } from "vitest";
import { OptionFault } from "latchkey";
import { auth, eachInAHouse } from "./oauth-fixture.ts";
import { api, basic, claimsOf, expectError, get, issuer, newClient, post } from "./oauth-house.ts";

eachInAHouse();

const grant = { grant_type: "client_credentials" };
const codeFor = async (token: unknown) => {
  const decision = await auth.check(new Request(`${issuer}/whoami`, { headers: { authorization: `Bearer ${String(token)}` } }), {});
  return decision.allowed ? "allowed" : decision.refusal.code;
};

describe("client_credentials", () => {
  test("gives a client a token in its own name, as a JWT of RFC 9068", async () => {
    const client = await newClient(auth, { scopes: ["posts:read", "posts:write"], roles: ["worker"] });
    const answer = await post(auth, "/oauth/token", grant, { authorization: basic(client) });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      access_token: expect.any(String),
      token_type: "Bearer",
      expires_in: 900,
      scope: "posts:read posts:write",
    });
    expect([answer.headers.get("cache-control"), answer.headers.get("pragma")]).toEqual(["no-store", "no-cache"]);
    expect(claimsOf(answer.body["access_token"])).toMatchObject({ sub: client.id, client_id: client.id, aud: issuer, sub_kind: "client" });
    const decision = await auth.check(
      new Request(`${issuer}/posts`, { headers: { authorization: `Bearer ${String(answer.body["access_token"])}` } }),
      { scopes: ["posts:read"], roles: ["worker"] },
    );
    expect(decision).toMatchObject({ allowed: true, principal: { subject: client.id, kind: "client", method: "jwt" } });
  });

  test("says 900 seconds of fifteen minutes, wherever in a second it is asked", async () => {
    for (const [tokenFormat, ms] of [
      ["jwt", 1],
      ["jwt", 998],
      ["opaque", 1],
    ] as const) {
      const client = await newClient(auth, { tokenFormat });
      auth.clock.advance(ms);
      const { body } = await post(auth, "/oauth/token", grant, { authorization: basic(client) });
      expect(body["expires_in"]).toBe(900);
    }
  });

  test("gives an opaque token where the client is registered for one, and nothing of it is stored but its SHA-256", async () => {
    const client = await newClient(auth, { scopes: ["posts:read"], tokenFormat: "opaque", roles: ["worker"] });
    const { body } = await post(auth, "/oauth/token", { ...grant, scope: "posts:read" }, { authorization: basic(client) });
    expect(body["access_token"]).toMatch(/^lka_live_[0-9A-Za-z]{49}$/);
    const who = await get(auth, "/whoami", { authorization: `Bearer ${String(body["access_token"])}` });
    expect(who.body).toMatchObject({
      subject: client.id,
      kind: "client",
      method: "opaque-token",
      scopes: ["posts:read"],
      roles: ["worker"],
    });
    const rows = await auth.store
      .database<{ latchkey_access_token: { digest: string } }>()
      .selectFrom("latchkey_access_token")
      .selectAll()
      .execute();
    expect(JSON.stringify(rows)).not.toContain(String(body["access_token"]).slice(9));
  });

  test("is bound to the resource that it asks for [attack:OS-21]", async () => {
    const client = await newClient(auth, { scopes: ["a"] });
    const { body } = await post(auth, "/oauth/token", { ...grant, resource: api }, { authorization: basic(client) });
    expect(claimsOf(body["access_token"])["aud"]).toBe(api);
    expect(await codeFor(body["access_token"])).toBe("jwt.wrong-audience");
    for (const resource of ["https://other.example.com/", "relative", `${api}#part`, ""]) {
      const answer = await post(auth, "/oauth/token", `grant_type=client_credentials&resource=${encodeURIComponent(resource)}&resource=x`, {
        authorization: basic(client),
      });
      expectError(answer, 400, "invalid_target");
    }
    const narrow = await newClient(auth, { scopes: ["a"], resources: [issuer] });
    expectError(await post(auth, "/oauth/token", { ...grant, resource: api }, { authorization: basic(narrow) }), 400, "invalid_target");
  });

  test("refuses scopes that the client is not registered for, and those of people (oauth.invalid-scope)", async () => {
    const client = await newClient(auth, { scopes: ["a", "openid"] });
    for (const scope of ["b", "a b", "openid", 'a"', "ä"])
      expectError(await post(auth, "/oauth/token", { ...grant, scope }, { authorization: basic(client) }), 400, "invalid_scope");
  });
});

describe("a client", () => {
  test("is known again by any of its secrets while they are rotated, at most two, and none after the overlap", async () => {
    const client = await newClient(auth);
    const works = async (secret: string) =>
      (await post(auth, "/oauth/token", grant, { authorization: basic({ id: client.id, secret }) })).status;
    const second = (await auth.clients.rotateSecret(client.id, { overlap: "1h" }))!.secret!;
    expect([await works(client.secret), await works(second)]).toEqual([200, 200]);
    const third = (await auth.clients.rotateSecret(client.id, { overlap: "1h" }))!.secret!;
    expect([await works(client.secret), await works(second), await works(third)]).toEqual([401, 200, 200]);
    auth.clock.advance(3_600_000);
    expect([await works(second), await works(third)]).toEqual([401, 200]);
    const last = (await auth.clients.rotateSecret(client.id, { overlap: "0" }))!.secret!;
    expect([await works(third), await works(last)]).toEqual([401, 200]);
  });

  test("that is deleted gets nothing more, and what it got is refused", async () => {
    const [signed, opaque] = [await newClient(auth), await newClient(auth, { tokenFormat: "opaque" })];
    for (const client of [signed, opaque]) {
      const { body } = await post(auth, "/oauth/token", grant, { authorization: basic(client) });
      expect(await codeFor(body["access_token"])).toBe("allowed");
      expect(await auth.clients.delete(client.id)).toBe(true);
      expect(await auth.clients.delete(client.id)).toBe(false);
      expect(await codeFor(body["access_token"])).toMatch(/^(?:jwt|opaque-token)\.revoked$/);
      expectError(await post(auth, "/oauth/token", grant, { authorization: basic(client) }), 401, "invalid_client");
    }
  });

  test("is registered with what can be used only, and the message names what cannot", async () => {
    const code = { grants: ["authorization_code"], redirectUris: ["https://app.example.com/cb"] };
    const wrong: [string, object][] = [
      ["name", { name: "" }],
      ["name", { name: "Evil\u202egnp.exe" }],
      ["name", { name: "x".repeat(101) }],
      ["grants", { grants: [] }],
      ["grants", { grants: ["password"] }],
      ["grants", { grants: ["implicit"] }],
      ["grants", { grants: ["refresh_token"] }],
      ["authentication", { authentication: "none" }],
      ["authentication", { authentication: "client_secret_jwt" }],
      ["scopes", { scopes: ["a b"] }],
      ["resources", { resources: ["https://elsewhere.example.com/"] }],
      ["roles", { roles: ["a b"] }],
      ["tokenFormat", { tokenFormat: "saml" }],
      ["idTokenAlgorithm", { idTokenAlgorithm: "none" }],
      ["userinfoAlgorithm", { userinfoAlgorithm: "HS256" }],
      ["jwks", { authentication: "private_key_jwt" }],
      ["jwks", { jwks: { keys: [{ kty: "EC", d: "private" }] } }],
      ["jwksUri", { jwksUri: "file:///etc/passwd" }],
      ["requirePkce", { ...code, requirePkce: false, authentication: "none" }],
      ["requirePkce", { ...code, requirePkce: false, scopes: ["a"] }],
      ["redirectUris", { grants: ["authorization_code"] }],
      ["redirectUris", { redirectUris: ["https://app.example.com/cb"] }],
    ];
    for (const [option, options] of wrong) {
      const error = await auth.clients.create({ name: "x", grants: ["client_credentials"], ...options }).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect([options, (error as OptionFault | undefined)?.option]).toEqual([options, option]);
    }
    expect(await auth.clients.list()).toEqual([]);
  });
});

describe("a client proves who it is", () => {
  test("by client_secret_basic, decoded as a form", async () => {
    const client = await newClient(auth);
    const encoded = `Basic ${Buffer.from(`${client.id.replace("_", "%5F")}:${client.secret.replace("_", "%5f")}`).toString("base64")}`;
    expect((await post(auth, "/oauth/token", grant, { authorization: encoded })).status).toBe(200);
    expect((await post(auth, "/oauth/token", grant, { authorization: basic(client).replace("Basic", "bASIC") })).status).toBe(200);
  });

  test("by client_secret_post", async () => {
    const client = await newClient(auth, { authentication: "client_secret_post" });
    expect((await post(auth, "/oauth/token", { ...grant, client_id: client.id, client_secret: client.secret })).status).toBe(200);
  });

  test("only in the way that it is registered for, with a secret of its own, and in one way (oauth.invalid-client) [attack:OS-11]", async () => {
    const [client, other] = [await newClient(auth), await newClient(auth)];
    const [id, secret] = [client.id, client.secret];
    const invalid: [Record<string, string>, Record<string, string>][] = [
      [{}, {}],
      [{ client_id: id }, {}],
      [{ client_id: id, client_secret: secret }, {}],
      [{}, { authorization: basic({ id, secret: other.secret }) }],
      [{}, { authorization: basic({ id, secret: "" }) }],
      [{}, { authorization: basic({ id: "", secret }) }],
      [{}, { authorization: basic({ id: "cli_nobody", secret }) }],
      [{}, { authorization: basic({ id, secret: `${secret}x` }) }],
      [{}, { authorization: basic({ id: `${id}\u0000`, secret }) }],
      [{}, { authorization: "Basic !!!" }],
      [{}, { authorization: `Bearer ${secret}` }],
      [{ client_assertion: "x", client_assertion_type: "y" }, {}],
    ];
    for (const [form, headers] of invalid) {
      const answer = await post(auth, "/oauth/token", { ...grant, ...form }, headers);
      expectError(answer, 401, "invalid_client");
      expect(answer.headers.get("www-authenticate")).toBe("authorization" in headers ? 'Basic realm="oauth", charset="UTF-8"' : null);
    }
    const twice = { ...grant, client_id: id, client_secret: secret };
    expectError(await post(auth, "/oauth/token", twice, { authorization: basic(client) }), 400, "invalid_request");
    expectError(
      await post(auth, "/oauth/token", { ...grant, client_id: other.id }, { authorization: basic(client) }),
      400,
      "invalid_request",
    );
    await auth.flush();
    expect((await auth.audit.list({ action: "client.refused" })).map(({ outcome }) => outcome)).toContain("oauth.invalid-client");
  });

  test("by a signed assertion that is for this server, in time, and used once", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const jwks = { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "k1", alg: "ES256", use: "sig" }] };
    const client = await newClient(auth, { authentication: "private_key_jwt", jwks });
    const key = await importPKCS8(privateKey.export({ type: "pkcs8", format: "pem" }) as string, "ES256");
    const at = Math.floor(auth.clock.now() / 1_000);
    const good = { iss: client.id, sub: client.id, aud: issuer, exp: at + 60, iat: at, jti: "1" };
    const signed = (claims: object, alg = "ES256", kid = "k1") => new SignJWT({ ...claims }).setProtectedHeader({ alg, kid }).sign(key);
    const send = (client_assertion: string, more: Record<string, string> = {}) =>
      post(auth, "/oauth/token", {
        ...grant,
        client_assertion,
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ...more,
      });
    const first = await signed(good);
    expect((await send(first)).status).toBe(200);
    expectError(await send(first), 401, "invalid_client");
    expect((await send(await signed({ ...good, jti: "2", aud: [`${issuer}/oauth/token`] }))).status).toBe(200);
    const bad = [
      { ...good, jti: "3", aud: "https://other.example.com" },
      { ...good, jti: "4", aud: [issuer, "https://other.example.com"] },
      { ...good, jti: "5", exp: at - 60 },
      { ...good, jti: "6", exp: at + 7_200 },
      { ...good, jti: "7", exp: undefined },
      { ...good, jti: undefined },
      { ...good, jti: "8", iss: "cli_other" },
      { ...good, jti: "9", sub: "cli_other" },
      { ...good, jti: "10", nbf: at + 600 },
    ];
    for (const claims of bad) expectError(await send(await signed(claims)), 401, "invalid_client");
    expectError(await send(await signed({ ...good, jti: "11" }, "ES256", "other")), 401, "invalid_client");
    const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${(await signed({ ...good, jti: "12" })).split(".")[1]}.`;
    expectError(await send(unsigned), 401, "invalid_client");
    expectError(
      await send(await signed({ ...good, jti: "13" }), { client_secret: randomUUID(), client_id: client.id }),
      400,
      "invalid_request",
    );
  });
});

describe("the token endpoint", () => {
  test("takes each parameter once, from a form in the body and nowhere else (oauth.invalid-request) [attack:OS-19]", async () => {
    const client = await newClient(auth, { scopes: ["a"] });
    const authorization = basic(client);
    const bad: (string | Uint8Array)[] = [
      "grant_type=client_credentials&grant_type=client_credentials",
      "grant_type=client_credentials&scope=a&scope=a",
      "grant_type=client_credentials&scope=%ff",
      "grant_type=client_credentials&scope=%00",
      "grant_type=client_credentials&scope=a%0ab",
      "grant_type=client_credentials&%zz=1",
      new Uint8Array([...Buffer.from("grant_type=client_credentials&x="), 0xff]),
      "grant_type=",
      "",
      `grant_type=client_credentials&x=${"y".repeat(1_000_000)}`,
      Array.from({ length: 200 }, (_, index) => `p${index}=1`).join("&"),
    ];
    for (const body of bad) expectError(await post(auth, "/oauth/token", body, { authorization }), 400, "invalid_request");
    for (const type of ["application/json", "text/plain", "multipart/form-data; boundary=x", ""])
      expectError(await post(auth, "/oauth/token", grant, { authorization, "content-type": type }), 400, "invalid_request");
    expectError(await post(auth, "/oauth/token?grant_type=client_credentials", {}, { authorization }), 400, "invalid_request");
    expect((await get(auth, "/oauth/token")).status).toBe(405);
    const odd = await post(auth, "/oauth/token", "grant_type=client_credentials&scope[]=b&unknown=1&empty=&", { authorization });
    expect(odd.status).toBe(200);
  });

  test("knows no other grants, and none for which the client is not registered", async () => {
    const client = await newClient(auth);
    const send = (grant_type: string) =>
      post(auth, "/oauth/token", { grant_type, username: "a", password: "b" }, { authorization: basic(client) });
    for (const type of ["password", "implicit", "__proto__", "constructor", "x".repeat(5_000)])
      expectError(await send(type), 400, "unsupported_grant_type"); // oauth.unsupported-grant-type
  });

  test("may be called by scripts of any origin, never with cookies", async () => {
    const answer = await auth.fetch(
      new Request(`${issuer}/oauth/token`, { method: "OPTIONS", headers: { origin: "https://spa.example.com" } }),
    );
    expect(answer.status).toBe(204);
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(answer.headers.get("access-control-allow-credentials")).toBe(null);
  });
});

test("the metadata says what works, and is the same at both of its addresses", async () => {
  const [oauth, openid] = [
    await get(auth, "/.well-known/oauth-authorization-server"),
    await get(auth, "/.well-known/openid-configuration"),
  ];
  expect(oauth.body).toEqual(openid.body);
  expect(oauth.body).toMatchObject({ issuer, token_endpoint: `${issuer}/oauth/token`, jwks_uri: `${issuer}/.well-known/jwks.json` });
  expect(oauth.headers.get("access-control-allow-origin")).toBe("*");
});
