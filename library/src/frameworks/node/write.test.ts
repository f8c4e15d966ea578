import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeAnswer } from "./write.ts";

const server = createServer((request, response) =>
  writeAnswer(request, response, { status: Number(request.url!.slice(1)), headers: {}, body: undefined }),
);
beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => server.close());

test.each([
  [200, "0"],
  [303, "0"],
  [204, null],
  [304, null],
])("an answer of %i without a body is not sent in chunks, and says its length where it may", async (status, length) => {
  const { port } = server.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}/${status}`, { redirect: "manual" });
  expect(answer.status).toBe(status);
  expect([answer.headers.get("content-length"), answer.headers.get("transfer-encoding")]).toEqual([length, null]);
});
