import { expect, test } from "vitest";
import { createLifetimeWords } from "./lifetime-words.ts";

const minute = 60_000;
const day = 86_400_000;
const usual = { accessMs: 15 * minute, idleMs: 7 * day, absoluteMs: 30 * day };
const app = { grants: ["authorization_code", "refresh_token"] };

test.each([
  ["an app that cannot refresh", { grants: ["authorization_code"] }, true, "This access is over after 15 minutes."],
  [
    "an app while somebody is signed in",
    app,
    false,
    "This access is over when you sign out here or your sign-in runs out, at the latest after 30 days.",
  ],
  [
    "an app that goes on alone",
    app,
    true,
    "This access goes on when you sign out. It is over after 30 days, or when it was not used for 7 days.",
  ],
])("%s is told of in words", (_, client, offline, words) => expect(createLifetimeWords(usual)(client, offline)).toBe(words));

test("a span is told in the largest unit that measures it, and what cannot come first is not told", () => {
  const words = (accessMs: number) => createLifetimeWords({ ...usual, accessMs })({ grants: [] }, false);
  for (const [ms, span] of [
    [1_000, "1 second"],
    [90_000, "90 seconds"],
    [60 * minute, "1 hour"],
    [90 * minute, "90 minutes"],
    [day, "1 day"],
    [36 * 60 * minute, "36 hours"],
    [500, "1 second"],
    [90_500, "90 seconds"],
  ] as const)
    expect(words(ms)).toBe(`This access is over after ${span}.`);
  expect(createLifetimeWords({ ...usual, idleMs: 30 * day })(app, true)).toBe(
    "This access goes on when you sign out. It is over after 30 days.",
  );
});
