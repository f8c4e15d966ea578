import { expect, test } from "vitest";
import { createHashQueue } from "../src/accounts/passwords/queue.ts";
import { judgeNewPassword } from "../src/accounts/passwords/rules.ts";
import { createStrength } from "../src/accounts/passwords/strength.ts";

const parts = { strength: createStrength(), serviceWords: ["latchkey"] };

test.each([
  ["password.malformed", 12345678],
  ["password.malformed", ["12345678"]],
  ["password.malformed", "a lone surrogate \ud800"],
  ["password.too-short", ""],
  ["password.too-short", "seven77"],
  ["password.too-long", "x".repeat(257)],
  ["password.too-long", "x".repeat(1_000_000)],
  ["password.common", "password1"],
  ["password.context", "ada.lovelace1815"],
  ["password.context", "latchkey2026"],
] as const)("a new password is refused with %s: %.20j", async (code, password) => {
  expect((await judgeNewPassword(password, "ada.lovelace@example.com", parts))?.code).toBe(code);
});

test.each(["correct horse battery staple", "ä".repeat(4) + "日本語の長い合言葉", "  spaces are characters  "])(
  "%j may be chosen",
  async (password) => {
    expect(await judgeNewPassword(password, "ada.lovelace@example.com", parts)).toBeUndefined();
  },
);

test("passwords beyond the queue are turned away at once with LATCHKEY_PASSWORD_QUEUE_FULL, and the others are hashed in turn", async () => {
  const queue = createHashQueue({ width: 1, waitingEach: 2 });
  const done: number[] = [];
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const jobs = [1, 2, 3].map((job) => queue.run(() => held.then(() => void done.push(job))));
  await expect(queue.run(() => Promise.resolve())).rejects.toMatchObject({ code: "LATCHKEY_PASSWORD_QUEUE_FULL" });
  expect(queue.state).toMatchObject({ running: 1, waiting: 2, refused: 1 });
  release();
  await Promise.all(jobs);
  expect(done).toEqual([1, 2, 3]);
});
