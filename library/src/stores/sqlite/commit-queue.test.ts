import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createCommitQueue } from "./commit-queue.ts";
import { openReader, openWriter, type SqliteHandle, sqlitePlace } from "./driver.ts";
import { createWalSync } from "./wal-sync.ts";

let folder: string;
let file: string;
let writer: SqliteHandle;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "latchkey-test-"));
  file = join(folder, "a.db");
  writer = openWriter(sqlitePlace(file));
  writer.exec("create table thing (id text primary key)");
});
afterEach(() => {
  writer.close();
  rmSync(folder, { recursive: true, force: true });
});

const queueWith = (sync: () => Promise<void>) => createCommitQueue({ writer, endReads: () => undefined, sync, room: () => undefined });
const insert = (id: string) => async (): Promise<string> => {
  writer.prepare("insert into thing values (?)").run([id]);
  return id;
};
const idsSeen = (): unknown[] => {
  const reader = openReader(sqlitePlace(file));
  const ids = reader.prepare("select id from thing order by id").all();
  reader.close();
  return ids.map((row) => (row as { id: string }).id);
};

test("answers nobody before the log is synced, and syncs after the commit", async () => {
  let finish: () => void = () => undefined;
  const order: string[] = [];
  const queue = queueWith(() => {
    order.push(`sync of ${idsSeen().join(" ")}`);
    return new Promise((resolve) => (finish = resolve));
  });
  const answers = ["a", "b"].map((id) => queue.add(insert(id)).then(() => order.push(`answered ${id}`)));
  await new Promise((resume) => setTimeout(resume, 20));
  // What is asked for meanwhile is not covered by this sync.
  const later = queue.add(insert("c")).then(() => order.push("answered c"));
  await new Promise((resume) => setTimeout(resume, 20));
  expect(order).toEqual(["sync of a b"]);
  finish();
  await Promise.all(answers);
  while (!order.includes("sync of a b c")) await new Promise((resume) => setImmediate(resume));
  expect(order).toEqual(expect.arrayContaining(["answered a", "answered b"]));
  expect(order).not.toContain("answered c");
  finish();
  await later;
});

test("what comes turn after turn goes into one transaction, but nobody waits for it for long", async () => {
  let syncs = 0;
  const queue = queueWith(async () => void (syncs += 1));
  const answers = [];
  for (let index = 0; index < 5; index += 1) {
    answers.push(queue.add(insert(`turn ${index}`)));
    await new Promise((resume) => setImmediate(resume));
  }
  expect(idsSeen()).toEqual([]);
  await Promise.all(answers);
  expect([idsSeen().length, syncs]).toEqual([5, 1]);

  // Each turn takes a millisecond here, and there is always one more.
  const answered: string[] = [];
  const first = queue.add(insert("first")).then((id) => answered.push(id));
  const endless = [];
  while (answered.length === 0) {
    expect(endless.length).toBeLessThan(60);
    endless.push(queue.add(insert(`endless ${endless.length}`)));
    for (const until = performance.now() + 1; performance.now() < until;);
    await new Promise((resume) => setImmediate(resume));
  }
  await Promise.all([first, ...endless]);
});

test("while the disk works, jobs gather for one transaction, but not without end", async () => {
  let finish: () => void = () => undefined;
  const queue = queueWith(() => new Promise((resolve) => (finish = resolve)));
  const first = queue.add(insert("first"));
  while (idsSeen().length === 0) await new Promise((resume) => setImmediate(resume));
  const gathered = [];
  for (let index = 0; index < 63; index += 1) {
    gathered.push(queue.add(insert(`gathered ${index}`)));
    await new Promise((resume) => setImmediate(resume));
  }
  expect(idsSeen()).toEqual(["first"]);
  gathered.push(queue.add(insert("one more")));
  // On a slow machine not all of them at once: a transaction ends before it has grown long.
  while (idsSeen().length === 1) await new Promise((resume) => setImmediate(resume));
  const finishing = setInterval(() => finish(), 1);
  await Promise.all([first, ...gathered]);
  clearInterval(finishing);
  expect(idsSeen()).toHaveLength(65);
});

test("acknowledges nothing any more once the log could not be synced, though the next sync might succeed", async () => {
  await queueWith(async () => undefined).add(insert("a"));
  const log = createWalSync(join(folder, "no-such-folder", "a.db"));
  const queue = queueWith(log.sync);
  const failed = { name: "Fault", code: "LATCHKEY_STORE_UNAVAILABLE" };
  await expect(queue.add(insert("b"))).rejects.toMatchObject(failed);
  await expect(queue.add(insert("c"))).rejects.toMatchObject(failed);
});

test("gives the event loop a turn before a transaction has grown long", async () => {
  const queue = queueWith(async () => undefined);
  const slow = async (): Promise<void> => {
    for (const until = performance.now() + 4; performance.now() < until;);
  };
  let turns = 0;
  const ticking = setInterval(() => (turns += 1), 1);
  await Promise.all(Array.from({ length: 30 }, () => queue.add(slow)));
  clearInterval(ticking);
  // 120 ms of work in transactions of at most three jobs; together they would take no turn at all.
  expect(turns).toBeGreaterThanOrEqual(5);
});

test("a job that throws fails alone: what it wrote is gone, what the others wrote is there", async () => {
  const queue = queueWith(async () => undefined);
  const order: string[] = [];
  const noted = (id: string) => async () => {
    order.push(id);
    return insert(id)();
  };
  const failing = async () => {
    await noted("b")();
    throw new TypeError("not wanted");
  };
  const twice = [queue.add(noted("a")), queue.add(failing), queue.add(noted("c")), queue.add(noted("a"))];
  const told = (await Promise.allSettled(twice)).map((one) => (one.status === "fulfilled" ? one.value : (one.reason as Error).name));
  expect(told).toEqual(["a", "TypeError", "c", "UniqueViolation"]);
  expect(idsSeen()).toEqual(["a", "c"]);
  // Together until one throws; then again, apart, in the same order; those behind them go on as ever.
  expect(order.slice(0, 4)).toEqual(["a", "b", "a", "b"]);
  await expect(queue.add(failing)).rejects.toThrow("not wanted");
  expect(idsSeen()).toEqual(["a", "c"]);
});

test("waits for room before a transaction, and begins none meanwhile", async () => {
  let make: () => void = () => undefined;
  const held: (Promise<void> | undefined)[] = [new Promise<void>((resolve) => (make = resolve))];
  const queue = createCommitQueue({ writer, endReads: () => undefined, sync: async () => undefined, room: () => held.shift() });
  const answers = ["a", "b"].map((id) => queue.add(insert(id)));
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resume) => setImmediate(resume));
  expect(idsSeen()).toEqual([]);
  make();
  await Promise.all(answers);
  expect(idsSeen()).toEqual(["a", "b"]);
});
