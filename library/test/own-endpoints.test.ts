import { afterAll, beforeAll, expect, test } from "vitest";
import { defineRefusals, jsonAnswer } from "latchkey/endpoints";
import { apiKeyHeader, testLatchkey, type TestLatchkey, testRequest } from "latchkey/testing";

let auth: TestLatchkey;
let handle: ReturnType<TestLatchkey["route"]>;
const refusals = defineRefusals("shop", { closed: { status: 409, title: "The shop is closed." } });

beforeAll(async () => {
  auth = await testLatchkey();
  handle = auth.route([
    { method: "GET", path: "/shop/:thing", rule: { scopes: ["shop:read"] }, handle: ({ parameters }) => jsonAnswer(200, parameters) },
    { method: "POST", path: "/shop", rule: undefined, handle: () => refusals.closed() },
  ]);
});
afterAll(() => auth.close());

test("endpoints of one's own are guarded and answered like ours", async () => {
  const ask = async (headers = {}, method = "GET", target = "/shop/tea") => handle(testRequest({ method, target, headers }));
  expect(await ask()).toMatchObject({ status: 401 });
  const { key: poor } = await auth.apiKeys.issue({ name: "poor" });
  expect(JSON.parse(String((await ask(apiKeyHeader(poor)))!.body))).toMatchObject({ code: "authorization.scope-missing" });
  const { key } = await auth.apiKeys.issue({ name: "rich", scopes: ["shop:read"] });
  expect(await ask(apiKeyHeader(key))).toMatchObject({ status: 200, body: '{"thing":"tea"}' });
  expect(await ask({}, "POST", "/shop")).toMatchObject({ status: 409, body: expect.stringContaining("shop.closed") });
  expect(await ask({}, "DELETE", "/shop")).toMatchObject({ status: 405, headers: { allow: "POST" } });
  expect(await ask({}, "GET", "/elsewhere")).toBeUndefined();
});
