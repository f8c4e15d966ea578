import { expect, test } from "vitest";
import { isRefusal, type RequestView } from "../contracts/index.ts";
import { readFields } from "./body.ts";

const sent = (bytes: Uint8Array): RequestView => ({
  method: "POST",
  target: "/tokens/refresh",
  requestId: "req_1",
  peerAddress: "127.0.0.1",
  encrypted: true,
  header: (name) => (name === "content-type" ? "application/json" : undefined),
  body: () => Promise.resolve(bytes),
});

test("reads JSON, of a view into more bytes too, and with a byte order mark before it", async () => {
  const bytes = Buffer.from('xx{"a":"älice"}yy').subarray(2, -2);
  expect(await readFields(sent(bytes))).toEqual({ a: "älice" });
  expect(await readFields(sent(Buffer.from('\ufeff{"a":1}')))).toEqual({ a: 1 });
});

test.each([
  ["a lone continuation byte", Buffer.from([0x7b, 0x22, 0x80, 0x22, 0x3a, 0x31, 0x7d])],
  ["an overlong form", Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d])],
  ["a surrogate", Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d])],
  ["a sequence that is cut", Buffer.from([0x7b, 0x22, 0xc3])],
])("refuses a body that is not UTF-8: %s", async (_name, bytes) => {
  const read = await readFields(sent(bytes));
  expect(isRefusal(read) && read.hint).toBe("The body is not valid UTF-8.");
});
