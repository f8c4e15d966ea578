import { expect, test } from "vitest";
import type { Attempt, Verified } from "../../contracts/index.ts";
import { createRing } from "./ring.ts";

const verified = { principal: { method: "api-key", credentialId: "key_1" } } as unknown as Verified;

function attempt(requestId: string, target = "/posts?page=2"): Attempt {
  return { view: { requestId, method: "GET", target }, address: "192.0.2.1", at: 7 } as unknown as Attempt;
}

test("a decision is found by the id of its request, with the path and without the query", () => {
  const ring = createRing(3);
  ring.put(attempt("req_1"), verified, true, ["verify"]);
  expect(ring.find("req_1")).toMatchObject({ requestId: "req_1", at: 7, path: "/posts", address: "192.0.2.1", fromCache: true });
  expect(ring.find("req_")).toBeUndefined();
  expect(ring.find("req_12")).toBeUndefined();
});

test("the oldest decision is overwritten, also by one with a shorter id", () => {
  const ring = createRing(2);
  ring.put(attempt("req_a-long-one", "/old"), verified, false, []);
  ring.put(attempt("req_2"), verified, false, []);
  ring.put(attempt("req_3", "/new"), verified, false, []);
  expect(ring.find("req_a-long-one")).toBeUndefined();
  expect(ring.find("req_2")).toMatchObject({ path: "/posts" });
  expect(ring.find("req_3")).toMatchObject({ path: "/new", requestId: "req_3" });
});

test("an id of forty characters is found, a longer or an empty one never is", () => {
  const ring = createRing(4);
  for (const id of ["", "x".repeat(41), "y".repeat(40)]) ring.put(attempt(id), verified, false, []);
  expect(ring.find("y".repeat(40))).toMatchObject({ requestId: "y".repeat(40) });
  expect(ring.find("x".repeat(41))).toBeUndefined();
  expect(ring.find("x".repeat(40))).toBeUndefined();
  expect(ring.find("")).toBeUndefined();
});
