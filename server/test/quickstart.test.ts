import { afterAll, beforeAll, expect, test } from "vitest";
import { build, type Served, served, start } from "./program.ts";

let server: Served;

beforeAll(async () => {
  build("library");
  server = await served();
}, 240_000);

afterAll(() => server.stop());

test("lets the same key in from another process, and refuses it on the next request after it was revoked", async () => {
  const { id, key } = await server.makeKey("--scope", "posts:read");
  const app = start("examples/quickstart/app.js", [], { LATCHKEY_DATA: server.data, PORT: "0" });
  const posts = /http:\S+/.exec(await app.until(/posts\n/))![0];
  const ask = async () => (await fetch(posts, { headers: { "x-api-key": key } })).status;
  expect([await ask(), await ask()]).toEqual([200, 200]);
  await server.latchkey("key", "revoke", id);
  expect(await ask()).toBe(401);
  await app.stop();
});
