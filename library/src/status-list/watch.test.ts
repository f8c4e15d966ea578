import { afterEach, expect, test } from "vitest";
import { createStatusWatch, type StatusWatch } from "./watch.ts";

let now = 0;
let watch: StatusWatch;
let asked: string[];
let faults: unknown[];
/** What is fetched: the text of a list, its set indexes; undefined: unchanged; an Error: no answer. */
let answer: (uri: string, etag: string | undefined) => Promise<{ bytes: Buffer; etag: string | undefined } | undefined>;

const served = (set: readonly number[], etag = "e") => Promise.resolve({ bytes: Buffer.from(JSON.stringify(set)), etag });

function open(options: { readonly keepMs?: number; readonly expiresAt?: number } = {}): void {
  [now, asked, faults] = [1_000_000, [], []];
  answer = () => served([]);
  watch = createStatusWatch({
    clock: { now: () => now },
    // The timer of a test that takes less than an hour does nothing.
    pollMs: 3_600_000,
    keepMs: options.keepMs ?? 7_200_000,
    fetch: (uri, etag) => {
      asked.push(`${uri} ${etag ?? ""}`.trim());
      return answer(uri, etag);
    },
    open: (token) => {
      const set = JSON.parse(token) as number[];
      return Promise.resolve({
        list: { isSet: (index) => (index < 8 ? set.includes(index) : undefined) },
        expiresAt: options.expiresAt ?? Infinity,
      });
    },
    onFault: (error) => void faults.push(error),
  });
}
afterEach(() => watch.stop());
const ask = (idx = 0, uri = "a") => Promise.resolve().then(() => watch.ask({ uri, idx }, now));

test("a list is fetched once for all who wait, and then answers without waiting", async () => {
  open();
  answer = () => served([1]);
  expect(await Promise.all([ask(0), ask(1), ask(99)])).toEqual(["good", "revoked", "untold"]);
  expect(watch.ask({ uri: "a", idx: 0 }, now)).toBe("good");
  expect([watch.stillGood({ uri: "a", idx: 0 }, now), watch.stillGood({ uri: "a", idx: 1 }, now)]).toEqual([true, false]);
  expect(asked).toEqual(["a"]);
});

test("nothing is said of a list that is not at hand, or was not heard of for too long", async () => {
  open();
  expect(watch.stillGood({ uri: "a", idx: 0 }, now)).toBe(false);
  await ask();
  now += 3_600_401;
  expect(watch.stillGood({ uri: "a", idx: 0 }, now)).toBe(false);
});

test("looking again costs nothing where nothing has changed, and is by the list's ETag", async () => {
  open();
  await ask();
  answer = (_uri, etag) => (etag === "e" ? Promise.resolve(undefined) : served([0]));
  await watch.poll();
  expect([asked, await ask()]).toEqual([["a", "a e"], "good"]);
});

test("a list past its own end is asked for in whole", async () => {
  open({ expiresAt: 1_000_010 });
  await ask();
  now += 10;
  expect(watch.stillGood({ uri: "a", idx: 0 }, now)).toBe(false);
  await ask();
  expect(asked).toEqual(["a", "a"]);
});

test("only lists that somebody asked for lately are looked at", async () => {
  open();
  await ask(0, "a");
  now += 60_001;
  await ask(0, "b");
  asked.length = 0;
  await watch.poll();
  expect(asked).toEqual(["b e"]);
});

test("of an outage it is told once, and again after the next one", async () => {
  open();
  await ask();
  answer = () => Promise.reject(new Error("no answer"));
  await watch.poll();
  await watch.poll();
  expect(faults.length).toBe(1);
  answer = () => served([]);
  await watch.poll();
  answer = () => Promise.reject(new Error("no answer"));
  await watch.poll();
  expect(faults.length).toBe(2);
});

test("who asks for a list that could not be had a moment ago does not wait again", async () => {
  open();
  answer = () => Promise.reject(new Error("no answer"));
  await expect(ask()).rejects.toMatchObject({ code: "LATCHKEY_ISSUER_UNAVAILABLE" });
  await expect(ask()).rejects.toMatchObject({ code: "LATCHKEY_ISSUER_UNAVAILABLE" });
  expect(asked.length).toBe(1);
  now += 3_600_000;
  answer = () => served([]);
  expect(await ask()).toBe("good");
});

test("sixty-four lists are kept; the one that was not used for longest goes", async () => {
  open();
  for (let list = 0; list < 64; list += 1, now += 1) await ask(0, `list${list}`);
  expect(watch.stillGood({ uri: "list0", idx: 0 }, now)).toBe(true);
  now += 1;
  await ask(0, "one more");
  expect(watch.stillGood({ uri: "list0", idx: 0 }, now)).toBe(true);
  expect(watch.stillGood({ uri: "list1", idx: 0 }, now)).toBe(false);
});
