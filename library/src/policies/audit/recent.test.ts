import { expect, test } from "vitest";
import type { Attempt, DecisionEvent, Verified } from "../../contracts/index.ts";
import { createRecentDecisions } from "./recent.ts";

const verified = { principal: { method: "jwt", credentialId: "t_1" } } as unknown as Verified;
const attempt = (requestId: string) => ({ view: { requestId, method: "GET", target: "/posts" }, address: "", at: 7 }) as unknown as Attempt;
const refused = (requestId: string, more: Partial<DecisionEvent> = {}): DecisionEvent => ({
  requestId,
  at: 7,
  outcome: "jwt.expired",
  detail: undefined,
  httpMethod: "GET",
  path: "/posts",
  address: "",
  userAgent: undefined,
  seen: [],
  checks: ["verify"],
  fromCache: false,
  principal: undefined,
  ...more,
});

test("a flood of refused requests pushes out the oldest of them and none that was let in", () => {
  const { events, explain } = createRecentDecisions(undefined);
  events.allowed(attempt("req_in"), verified, false, ["rule"]);
  for (let turn = 0; turn <= 4_096; turn += 1) events.refused(refused(`req_${turn}`));
  expect([explain("req_0"), explain("req_1")?.outcome, explain("req_4096")?.outcome]).toEqual([undefined, "jwt.expired", "jwt.expired"]);
  expect(explain("req_in")).toMatchObject({ outcome: "allowed" });
});

test("what a client chose is kept clipped, in one line, and without what looks like a credential", () => {
  const { events, explain } = createRecentDecisions(undefined);
  events.refused(refused("req_1", { path: `/${"p".repeat(10_000)}`, userAgent: `a\nb lk_live_${"a1B2c3D".repeat(7)}` }));
  const event = explain("req_1")!;
  expect(event.path.length).toBe(300);
  expect(event.userAgent).toMatch(/^a\\u\{a\}b /);
  expect(event.userAgent).not.toContain("a1B2c3D");
});
