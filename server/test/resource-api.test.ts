import { afterAll, beforeAll, expect, test } from "vitest";
import { build, type Program, type Served, served, start } from "./program.ts";

let server: Served;
let app: Program;
let posts: string;

beforeAll(async () => {
  build("library");
  server = await served();
  app = start("examples/resource-api/app.js", [], { ISSUER: server.url, PORT: "0" });
  posts = /http:\S+/.exec(await app.until(/posts\n/))![0];
}, 240_000);

afterAll(async () => {
  await app?.stop();
  await server?.stop();
});

async function exchange(key: string): Promise<{ readonly token: string; readonly jti: string }> {
  const answer = await fetch(`${server.url}/tokens/exchange`, {
    method: "POST",
    headers: { "x-api-key": key, "content-type": "application/json" },
    body: JSON.stringify({ audience: server.url, scopes: ["posts:read"] }),
  });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  const { jti } = JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString()) as { jti: string };
  return { token, jti };
}

const ask = async (token: string) => (await fetch(posts, { headers: { authorization: `Bearer ${token}` } })).status;

test("a token revoked at the server is refused by an Express API in another process that knows only the issuer's URL", async () => {
  const { key } = await server.makeKey("--scope", "posts:read");
  const [one, other] = [await exchange(key), await exchange(key)];
  expect([await ask(one.token), await ask(one.token), await ask(other.token)]).toEqual([200, 200, 200]);
  await server.latchkey("token", "revoke", "--id", one.jti);
  // The API hears of it when it looks at the list next: half a second, and no request of anybody in between.
  await expect.poll(() => ask(one.token), { timeout: 30_000, interval: 20 }).toBe(401);
  expect(await ask(other.token)).toBe(200);
  expect(app.output()).toContain("jwt.revoked");
});

test("what the API answers says who issues tokens for it", async () => {
  const answer = await fetch(posts);
  expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="api"']);
});
