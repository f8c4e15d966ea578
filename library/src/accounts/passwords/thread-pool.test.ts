import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { formatOf } from "./formats/index.ts";
import { inThreadPool } from "./thread-pool.ts";

/** Jobs that take all places until they are let go. */
function takeAll(): { readonly begun: () => number; readonly let: () => void; readonly done: Promise<unknown> } {
  const ends: (() => void)[] = [];
  const job = () => new Promise<void>((resolve) => ends.push(resolve));
  const done = Promise.all(Array.from({ length: 3 }, () => inThreadPool(job)));
  return { begun: () => ends.length, let: () => ends.forEach((end) => end()), done };
}

test("one of the four threads of the pool stays free, and a job that fails gives its place up [attack:PW-03]", async () => {
  const held = takeAll();
  const failing = inThreadPool(() => Promise.reject(new Error("no")));
  let begun = false;
  const last = inThreadPool(() => Promise.resolve((begun = true)));
  await pause(5);
  expect([held.begun(), begun]).toEqual([3, false]);
  held.let();
  await expect(failing).rejects.toThrow("no");
  expect(await last).toBe(true);
  const again = takeAll();
  await pause(5);
  expect(again.begun()).toBe(3);
  again.let();
  await again.done;
});

test.each([
  ["bcrypt", "$2b$04$abcdefghijklmnopqrstuuhRZb.DbxD4GGGBUzCK4OVO0EeMvEsw2"],
  ["bcrypt of a SHA-256", "$bcrypt-sha256$2b$04$abcdefghijklmnopqrstuuhRZb.DbxD4GGGBUzCK4OVO0EeMvEsw2"],
  ["scrypt", "$scrypt$ln=4,r=8,p=1$c2FsdHNhbHRzYWx0$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
  ["PBKDF2", "$pbkdf2-sha256$i=1$c2FsdHNhbHRzYWx0$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
])("an imported hash of %s waits for a place in the pool [attack:PW-03]", async (_, encoded) => {
  const held = takeAll();
  let verified = false;
  const verifying = formatOf(encoded)!.verify(encoded, "four quiet grey horses");
  void verifying.then(() => (verified = true));
  // Without its turn such a cheap hash would be done long before.
  await pause(150);
  expect(verified).toBe(false);
  held.let();
  expect(await verifying).toBe(false);
  await held.done;
});
