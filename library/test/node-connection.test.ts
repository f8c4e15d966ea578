import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { mount } from "latchkey/node";
import { testLatchkey, type TestLatchkey } from "latchkey/testing";

let auth: TestLatchkey;
let server: ReturnType<typeof createServer>;
let url: string;

beforeEach(async () => {
  auth = await testLatchkey();
  server = createServer(mount(auth));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await auth.close();
});

const post = (path: string, body: string, type = "application/x-www-form-urlencoded") =>
  fetch(`${url}${path}`, { method: "POST", body, headers: { "content-type": type } });

test("a connection is kept after a request whose body was read", async () => {
  for (const body of ["grant_type=client_credentials", `token=${"a".repeat(2_000)}`]) {
    const answer = await post("/oauth/token", body);
    expect(answer.headers.get("connection")).toBe("keep-alive");
    await answer.text();
  }
});

test("a connection is closed after a request whose body nobody read, so that its rest is not taken for a request", async () => {
  const answer = await post("/nowhere", "a".repeat(100_000), "text/plain");
  expect(answer.status).toBe(404);
  expect(answer.headers.get("connection")).toBe("close");
});
