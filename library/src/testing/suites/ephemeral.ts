// What every implementation of the ephemeral port must do. Each verb is raced by two nodes.
import assert from "node:assert/strict";
import type { Ephemeral } from "../../contracts/index.ts";
import { type SuiteCase, together } from "./suite-case.ts";

/** Empty short-lived state, for one case. */
export interface EphemeralPlace {
  /** Another node on the same state. In one process it may be the same object. */
  node(): Ephemeral | Promise<Ephemeral>;
  /** Lets time pass for the state: by a clock of the test, or by waiting where the engine has its own. */
  pass(milliseconds: number): void | Promise<void>;
  now(): number;
  /** Closes what `node` opened. */
  remove(): void | Promise<void>;
}

const long = 600_000;
/** Short enough to be waited for where time is real. */
const short = 40;

type Check = (one: Ephemeral, other: Ephemeral, place: EphemeralPlace) => Promise<void>;

/** The cases; `make` gives each an empty place. */
export function ephemeralSuite(make: () => EphemeralPlace | Promise<EphemeralPlace>): readonly SuiteCase[] {
  return Object.entries({ ...claims, ...counters, ...values, ...messages }).map(([name, check]) => ({
    name,
    async run() {
      const place = await make();
      try {
        await check(await place.node(), await place.node(), place);
      } finally {
        await place.remove();
      }
    },
  }));
}

const claims: Readonly<Record<string, Check>> = {
  async "putIfAbsent: one of a hundred callers on two nodes stores, the others are told so"(one, other) {
    const won = await together(100, (number) => (number % 2 === 0 ? one : other).putIfAbsent("jti", `caller ${number}`, long));
    assert.equal(won.filter(Boolean).length, 1);
    assert.equal(await one.get("jti"), `caller ${won.indexOf(true)}`);
  },
  async "putIfAbsent: the key is free again when its time is over, for one"(one, other, place) {
    assert.equal(await one.putIfAbsent("jti", "a", short), true);
    assert.equal(await other.putIfAbsent("jti", "b", long), false);
    await place.pass(short);
    const won = await together(20, (number) => (number % 2 === 0 ? one : other).putIfAbsent("jti", "c", long));
    assert.equal(won.filter(Boolean).length, 1);
  },
  async "putIfAbsent: a refused caller does not prolong what stands"(one, other, place) {
    await one.putIfAbsent("jti", "a", short);
    await other.putIfAbsent("jti", "a", long);
    await place.pass(short);
    assert.equal(await one.get("jti"), undefined);
  },
  async "take: one of a hundred callers on two nodes gets the value"(one, other) {
    await one.put("code", "value", long);
    const taken = await together(100, (number) => (number % 2 === 0 ? one : other).take("code"));
    assert.deepEqual(
      taken.filter((value) => value !== undefined),
      ["value"],
    );
    assert.equal(await other.get("code"), undefined);
  },
  async "take: gives nothing that is over, and nothing that never was"(one, other, place) {
    await one.put("code", "value", short);
    await place.pass(short);
    assert.equal(await other.take("code"), undefined);
    assert.equal(await other.take("never"), undefined);
  },
};

const counters: Readonly<Record<string, Check>> = {
  async "increment: loses no count of a hundred callers on two nodes"(one, other) {
    const counts = await together(100, (number) => (number % 2 === 0 ? one : other).increment("count", 1, long));
    assert.deepEqual(
      counts.map(({ count }) => count).toSorted((a, b) => a - b),
      Array.from({ length: 100 }, (_, index) => index + 1),
    );
  },
  async "increment: the window begins with the first call and is not prolonged"(one, other, place) {
    const before = place.now();
    const first = await one.increment("count", 1, short);
    assert.ok(first.resetAt >= before && first.resetAt <= place.now() + short);
    assert.ok((await other.increment("count", 1, long)).resetAt <= place.now() + short);
    await place.pass(short);
    assert.equal((await other.increment("count", 1, long)).count, 1);
  },
  async "increment: a place given back after the window leaves no counter below zero"(one, other) {
    assert.equal((await one.increment("gone", -1, long)).count, 0);
    assert.equal((await other.increment("gone", 1, long)).count, 1);
    await one.increment("gone", -1, long);
    assert.equal((await one.increment("gone", -1, long)).count, 0);
    assert.equal((await one.increment("gone", 2, long)).count, 2);
  },
};

const values: Readonly<Record<string, Check>> = {
  async "put and get: another node reads the newest value, until its time is over"(one, other, place) {
    await one.put("key", "old", long);
    await other.put("key", "new", short);
    assert.equal(await one.get("key"), "new");
    await place.pass(short);
    assert.equal(await one.get("key"), undefined);
  },
  async "put: parallel writers leave one whole value"(one, other) {
    const written = Array.from({ length: 20 }, (_, number) => `${number}`.repeat(1_000));
    await together(20, (number) => (number % 2 === 0 ? one : other).put("key", written[number] ?? "", long));
    assert.ok(written.includes((await one.get("key")) ?? "nothing"));
  },
  async "remove: what was removed is gone for every node, and may be removed again"(one, other) {
    await one.put("key", "value", long);
    await other.remove("key");
    await other.remove("key");
    assert.equal(await one.get("key"), undefined);
  },
  async "keys and values are any text, and keys that look alike are different"(one, other) {
    const texts = ["__proto__", "a b", "a:b", "a*b", "line\nbreak", "\u{1f511}", "é", "e\u0301", "x".repeat(1_000)];
    for (const text of texts) await one.put(text, `${text}!`, long);
    for (const text of texts) assert.equal(await other.get(text), `${text}!`);
    await one.put("empty", "", long);
    assert.equal(await other.get("empty"), "");
    assert.equal(await other.take("empty"), "");
  },
};

const messages: Readonly<Record<string, Check>> = {
  async "publish and subscribe: every listener of the channel hears, on its own node and on others, in order"(one, other) {
    const heard: string[][] = [[], []];
    const both = [one, other].map(
      (node, index) =>
        new Promise<void>((resolve, reject) => {
          Promise.resolve(
            node.subscribe("feed", (message) => {
              heard[index]?.push(message);
              if (message === "last") resolve();
            }),
          ).then(ready, reject);
        }),
    );
    let listening = 0;
    let open: () => void = () => undefined;
    const bothListen = new Promise<void>((resolve) => (open = resolve));
    function ready(): void {
      listening += 1;
      if (listening === both.length) open();
    }
    await bothListen;
    await other.publish("elsewhere", "not for us");
    for (const message of ["first", "second", "last"]) await one.publish("feed", message);
    await Promise.all(both);
    assert.deepEqual(heard, [
      ["first", "second", "last"],
      ["first", "second", "last"],
    ]);
  },
  async "subscribe: who stopped hears no more, and the others still do"(one, other) {
    const heard: string[] = [];
    const stop = await other.subscribe("feed", (message) => heard.push(message));
    let last: () => void = () => undefined;
    const arrived = new Promise<void>((resolve) => (last = resolve));
    await other.subscribe("feed", (message) => message === "second" && last());
    await one.publish("feed", "first");
    stop();
    await one.publish("feed", "second");
    await arrived;
    assert.ok(!heard.includes("second"));
  },
};
