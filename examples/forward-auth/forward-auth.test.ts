import { createPublicKey, type JsonWebKey, verify } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Engine, startNginx } from "../../library/test/engines.ts";
import { type ProxiedHouse, proxiedHouse, received } from "../../library/test/proxied-house.ts";
import { describeWithNginx } from "../../library/test/services.ts";

describeWithNginx("nginx in front of an API in Python", () => {
  let house: ProxiedHouse;
  let nginx: Engine;
  let people = 0;

  beforeAll(async () => {
    house = await proxiedHouse(join(import.meta.dirname, "api.py"));
    const folder = mkdtempSync(join(tmpdir(), "latchkey-nginx-"));
    cpSync(import.meta.dirname, folder, { recursive: true, filter: (path) => !path.endsWith(".ts") });
    const configuration = readFileSync(join(folder, "nginx.conf"), "utf8")
      .replace("127.0.0.1:3000", `127.0.0.1:${house.gatePort}`)
      .replace("127.0.0.1:8000", `127.0.0.1:${house.apiPort}`)
      .replace("127.0.0.1:8080", `127.0.0.1:${house.port}`);
    writeFileSync(join(folder, "nginx.conf"), configuration);
    nginx = await startNginx(folder, house.port);
  });
  afterAll(async () => {
    await nginx.remove();
    await house.close();
  });

  const cookieOf = async (roles: readonly string[] = []) => {
    const { auth } = house;
    const user = await auth.users.create({ email: `user-${(people += 1)}@example.com` });
    for (const role of roles) await auth.roles.grant(user.id, role);
    return { user: user.id, cookie: (await auth.sessions.create({ user: user.id })).cookie.split(";")[0]! };
  };

  test("lets a key through and tells the API who it is", async () => {
    const { ask, key, ada } = house;
    const told = await ask("/orders/7?page=2", { "x-api-key": key });
    expect(told).toMatchObject({ status: 200, body: { path: "/orders/7?page=2", hello: ada, scopes: ["orders:read"], roles: [] } });
    expect(received(told, "x-auth-method")).toEqual(["api-key"]);
  });

  test("gives the API a JWT in the place of the credential, which it can check by the published keys", async () => {
    const { ask, issuer, key, ada } = house;
    const told = await ask("/orders", { "x-api-key": key });
    expect(received(told, "x-api-key")).toEqual([]);
    const [authorization] = received(told, "authorization");
    const [header, claims, signature] = authorization!.replace("Bearer ", "").split(".") as [string, string, string];
    const read = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString()) as Record<string, unknown>;
    const { keys } = (await (await fetch(`${issuer}/.well-known/jwks.json`)).json()) as { keys: (JsonWebKey & { kid: string })[] };
    const jwk = keys.find(({ kid }) => kid === read(header)["kid"])!;
    const publicKey = { key: createPublicKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" } as const;
    expect(verify("sha256", Buffer.from(`${header}.${claims}`), publicKey, Buffer.from(signature, "base64url"))).toBe(true);
    expect(read(header)).toMatchObject({ typ: "at+jwt", alg: "ES256" });
    const payload = read(claims) as { exp: number; iat: number };
    expect(payload).toMatchObject({ iss: issuer, aud: `${issuer}/forward-auth`, sub: ada, scope: "orders:read" });
    expect(payload.exp - payload.iat).toBe(120);
    // It is for the APIs behind the proxy: at the gate itself it is nobody's.
    expect((await ask("/whoami", { authorization: authorization! })).status).toBe(401);
  });

  test("answers a client without a credential 401 with challenges, and one without the scope 403", async () => {
    const { ask, auth, key, ada } = house;
    const nobody = await ask("/orders");
    expect(nobody.status).toBe(401);
    expect(nobody.headers["www-authenticate"]).toContain("Bearer");
    const { key: other } = await auth.apiKeys.issue({ name: "other", owner: ada });
    expect((await ask("/orders", { "x-api-key": other })).status).toBe(403);
    expect((await ask("/orders", { "x-api-key": `${key.slice(0, -1)}!` })).status).toBe(401);
  });

  test("passes on no identity that a client claims, on a guarded path or an open one", async () => {
    const { ask, key, ada } = house;
    const claims = {
      "x-auth-subject": "usr_admin",
      "X-AUTH-ROLES": "admin",
      "x-auth-scopes": "everything",
      "x-auth-method": "session",
      x_auth_subject: "usr_admin",
    };
    const told = await ask("/orders", { ...claims, "x-api-key": key });
    expect(told.body).toMatchObject({ hello: ada, scopes: ["orders:read"], roles: [] });
    for (const name of ["x-auth-subject", "x-auth-roles", "x-auth-scopes"])
      expect(received(told, name)).not.toContain(name === "x-auth-roles" ? "admin" : "usr_admin");
    expect(received(told, "x-auth-subject")).toEqual([ada]);
    const open = await ask("/public", { ...claims, authorization: "Bearer forged" });
    expect(open.status).toBe(200);
    expect(open.body.received.filter(([name]) => /^x[-_]auth|^authorization$/i.test(name))).toEqual([]);
  });

  test("takes the method and the target of the client's request, not those that a client writes into headers", async () => {
    const { ask, auth, issuer } = house;
    const { cookie } = await cookieOf(["admin"]);
    const forged = {
      cookie,
      "x-forwarded-method": "GET",
      "x-original-method": "GET",
      "x-forwarded-uri": "/public",
      "x-original-uri": "/public",
    };
    expect((await ask("/admin", forged)).status).toBe(200);
    // A form on a foreign page: its method is POST, whatever it says.
    const foreign = { ...forged, origin: "https://evil.example", "sec-fetch-site": "cross-site", "content-type": "text/plain" };
    expect((await ask("/admin", foreign, "POST", "x=1")).status).toBe(403);
    expect(auth.refusals.at(-1)).toMatchObject({ outcome: "csrf.foreign-page", httpMethod: "POST", path: "/admin" });
    const own = { ...forged, origin: issuer, "sec-fetch-site": "same-origin", "content-type": "application/json" };
    expect(await ask("/admin", own, "POST", "{}")).toMatchObject({ status: 200, body: { bytes: 2 } });
  });

  test("asks for the role and the method of the rule", async () => {
    const { ask, key } = house;
    expect((await ask("/admin", { cookie: (await cookieOf()).cookie })).status).toBe(403);
    expect((await ask("/admin", { "x-api-key": key })).status).toBe(401);
  });

  test("sends a browser to the sign-in page and knows the way back; a program gets 401", async () => {
    const { ask, issuer } = house;
    const browser = await ask("/desk/7?tab=2", { accept: "text/html,*/*;q=0.8" });
    const location = String(browser.headers["location"]);
    expect(browser.status).toBe(302);
    expect(location).toBe(`${issuer}/login?return=%2Fdesk%2F7%3Ftab%3D2`);
    expect((await ask(location.slice(issuer.length), { accept: "text/html" })).status).toBe(200);
    expect((await ask("/desk", { accept: "application/json" })).status).toBe(401);
    expect((await ask("/orders", { accept: "text/html" })).status).toBe(401);
    const { cookie, user } = await cookieOf();
    expect(await ask("/desk", { accept: "text/html", cookie })).toMatchObject({ status: 200, body: { hello: user } });
  });

  test("answers 429 with the time to wait, where a limit is used up, and 403 for what nginx has no other word for", async () => {
    const { ask, auth, key, ada } = house;
    const { key: limited } = await auth.apiKeys.issue({ name: "slow", owner: ada, scopes: ["orders:read"], rateLimit: "1/1h" });
    expect((await ask("/orders", { "x-api-key": limited })).status).toBe(200);
    const over = await ask("/orders", { "x-api-key": limited });
    expect(over.status).toBe(429);
    expect(Number(over.headers["retry-after"])).toBeGreaterThan(0);
    expect((await ask("/orders", { "x-api-key": key, authorization: `Bearer ${key}` })).status).toBe(403);
  });

  test("refuses a key from the next request on, once it is revoked", async () => {
    const { ask, auth, ada } = house;
    const { key: doomed, record } = await auth.apiKeys.issue({ name: "doomed", owner: ada, scopes: ["orders:read"] });
    expect((await ask("/orders", { "x-api-key": doomed })).status).toBe(200);
    await auth.apiKeys.revoke(record.id);
    expect((await ask("/orders", { "x-api-key": doomed })).status).toBe(401);
  });

  test("lets nobody in when the gate is gone", async () => {
    const { ask, key } = house;
    await house.shut();
    expect((await ask("/orders", { "x-api-key": key })).status).toBe(500);
    await house.open();
  });
});
