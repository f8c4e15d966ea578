import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Engine, startCaddy } from "../../library/test/engines.ts";
import { type ProxiedHouse, proxiedHouse, received } from "../../library/test/proxied-house.ts";
import { describeWithCaddy } from "../../library/test/services.ts";

describeWithCaddy("Caddy in front of an API in Python", () => {
  let house: ProxiedHouse;
  let caddy: Engine;

  beforeAll(async () => {
    house = await proxiedHouse(join(import.meta.dirname, "api.py"));
    const configuration = readFileSync(join(import.meta.dirname, "Caddyfile"), "utf8")
      .replaceAll("127.0.0.1:3000", `127.0.0.1:${house.gatePort}`)
      .replaceAll("127.0.0.1:8000", `127.0.0.1:${house.apiPort}`)
      .replace("localhost:8080 {", `localhost:${house.port} {`);
    const folder = mkdtempSync(join(tmpdir(), "latchkey-caddy-"));
    writeFileSync(join(folder, "Caddyfile"), configuration);
    caddy = await startCaddy(folder, house.port);
  });
  afterAll(async () => {
    await caddy.remove();
    await house.close();
  });

  test("lets a key through, and tells the API who it is, with a JWT in the place of the key", async () => {
    const { ask, key, ada } = house;
    const told = await ask("/orders/7?page=2", { "x-api-key": key });
    expect(told).toMatchObject({ status: 200, body: { path: "/orders/7?page=2", hello: ada, scopes: ["orders:read"], roles: [] } });
    expect(received(told, "x-auth-method")).toEqual(["api-key"]);
    expect(received(told, "authorization")).toEqual([expect.stringMatching(/^Bearer ey/)]);
    expect(received(told, "x-api-key")).toEqual([]);
  });

  test("answers a client without a credential 401, and one without the scope 403", async () => {
    const { ask, auth, key, ada } = house;
    expect((await ask("/orders")).status).toBe(401);
    const { key: other } = await auth.apiKeys.issue({ name: "other", owner: ada });
    expect((await ask("/orders", { "x-api-key": other })).status).toBe(403);
    expect((await ask("/orders", { "x-api-key": `${key.slice(0, -1)}!` })).status).toBe(401);
  });

  test("passes on no identity that a client claims, on a guarded path or an open one", async () => {
    const { ask, key, ada } = house;
    const claims = { "x-auth-subject": "usr_admin", "X-AUTH-ROLES": "admin", "x-auth-scopes": "everything", x_auth_subject: "usr_admin" };
    const told = await ask("/orders", { ...claims, "x-api-key": key });
    expect(told.body).toMatchObject({ hello: ada, scopes: ["orders:read"], roles: [] });
    expect(received(told, "x-auth-subject")).toEqual([ada]);
    expect(received(told, "x-auth-roles").join("")).toBe("");
    const open = await ask("/public", { ...claims, authorization: "Bearer forged" });
    expect(open.status).toBe(200);
    expect(open.body.received.filter(([name]) => /^x[-_]auth|^authorization$/i.test(name))).toEqual([]);
  });

  test("asks for the role, by the method and the target of the client's request", async () => {
    const { ask, auth, issuer } = house;
    const { id: user } = await auth.users.create({ email: "grace@example.com" });
    const cookie = (await auth.sessions.create({ user })).cookie.split(";")[0]!;
    expect((await ask("/admin", { cookie })).status).toBe(403);
    await auth.roles.grant(user, "admin");
    const forged = {
      cookie: (await auth.sessions.create({ user })).cookie.split(";")[0]!,
      "x-forwarded-method": "GET",
      "x-original-method": "GET",
    };
    expect((await ask("/admin", forged)).status).toBe(200);
    const foreign = { ...forged, origin: "https://evil.example", "sec-fetch-site": "cross-site", "content-type": "text/plain" };
    expect((await ask("/admin", foreign, "POST", "x=1")).status).toBe(403);
    expect(auth.refusals.at(-1)).toMatchObject({ outcome: "csrf.foreign-page", httpMethod: "POST", path: "/admin" });
    const own = { ...forged, origin: issuer, "sec-fetch-site": "same-origin", "content-type": "application/json" };
    expect(await ask("/admin", own, "POST", "{}")).toMatchObject({ status: 200, body: { bytes: 2 } });
  });

  test("sends a browser to the sign-in page, and a program nowhere", async () => {
    const { ask, issuer } = house;
    const browser = await ask("/desk/7?tab=2", { accept: "text/html,*/*;q=0.8" });
    expect([browser.status, browser.headers["location"]]).toEqual([302, `${issuer}/login?return=%2Fdesk%2F7%3Ftab%3D2`]);
    expect((await ask("/desk", { accept: "application/json" })).status).toBe(401);
  });
});
