import { afterAll, beforeAll, expect, test } from "vitest";
import { build, type Served, served } from "./program.ts";

let server: Served;

beforeAll(async () => {
  build();
  server = await served();
}, 90_000);

afterAll(() => server.stop());

const scrape = async (from: Served, key?: string) =>
  fetch(`${from.url}/metrics`, key === undefined ? {} : { headers: { "x-api-key": key } });
const valueOf = (text: string, line: string) =>
  Number(
    text
      .split("\n")
      .find((one) => one.startsWith(`${line} `))
      ?.split(" ")
      .at(-1),
  );

test("count decisions by method and outcome, what was remembered, and how long verifications took", async () => {
  const { key } = await server.makeKey();
  for (let time = 0; time < 3; time += 1) await server.whoami(key);
  await server.whoami("lk_live_wrong");
  await fetch(`${server.url}/whoami`);
  const answer = await scrape(server);
  const text = await answer.text();
  expect(answer.headers.get("content-type")).toMatch(/^text\/plain; version=/);
  expect(valueOf(text, 'latchkey_decisions_total{method="api-key",outcome="allowed",remembered="true"}')).toBe(2);
  expect(valueOf(text, 'latchkey_decisions_total{method="api-key",outcome="allowed",remembered="false"}')).toBe(1);
  expect(valueOf(text, 'latchkey_decisions_total{method="api-key",outcome="api-key.damaged",remembered="false"}')).toBe(1);
  expect(valueOf(text, 'latchkey_decisions_total{method="none",outcome="request.no-credential",remembered="false"}')).toBe(1);
  expect(valueOf(text, 'latchkey_verification_duration_seconds_count{method="api-key"}')).toBe(2);
  expect(valueOf(text, 'latchkey_verification_duration_seconds_bucket{le="+Inf",method="api-key"}')).toBe(2);
  expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
  expect(text).toMatch(/^process_resident_memory_bytes /m);
});

test("have no label that a client could choose, and no secret", async () => {
  const lines = async () => (await (await scrape(server)).text()).split("\n").filter((line) => line.startsWith("latchkey_")).length;
  await server.whoami("lk_live_canary");
  const before = await lines();
  for (let index = 0; index < 20; index += 1) {
    await fetch(`${server.url}/canary${index}`, { headers: { "user-agent": `canary${index}` } });
    await server.whoami(`lk_live_canary${index}`);
  }
  expect(await lines()).toBe(before);
  expect(await (await scrape(server)).text()).not.toContain("canary");
});

test("are open on loopback in development, and elsewhere only to a key with metrics:read [asvs:V13.4.5]", async () => {
  const secure = await served({ LATCHKEY_ISSUER: "https://auth.test", LATCHKEY_SECRET: "Zm9vYmFyYmF6cXV4-x81kLq0vN3tWc7RdHs" });
  const { key: other } = await secure.makeKey("--scope", "posts:read");
  const { key: reader } = await secure.makeKey("--scope", "metrics:read");
  expect((await scrape(secure)).status).toBe(401);
  expect((await scrape(secure, other)).status).toBe(403);
  expect((await scrape(secure, reader)).status).toBe(200);
  await secure.stop();
});
