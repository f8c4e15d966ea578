import { readdirSync, readFileSync } from "node:fs";
import { Worker, type WorkerOptions } from "node:worker_threads";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

const cost = { memoryCost: 8, timeCost: 1, parallelism: 1 };

// Threads belong to the process, so each test has a module of its own.
const fresh = async () => (await import("./hash-threads.ts")).argon2InThread;
beforeEach(() => vi.resetModules());
afterEach(() => vi.restoreAllMocks());

const threadsAre = (Thread: unknown) => vi.spyOn(process, "getBuiltinModule").mockReturnValue({ Worker: Thread });

test("argon2 in a thread is the same argon2, many at a time", async () => {
  const argon2InThread = await fresh();
  const hashes = await Promise.all(Array.from({ length: 20 }, (_, turn) => argon2InThread("hash", `password ${turn}`, cost)));
  const checks = await Promise.all(
    hashes.flatMap((encoded, turn) => ["", " "].map((end) => argon2InThread("verify", encoded, `password ${turn}${end}`))),
  );
  expect(checks).toEqual(hashes.flatMap(() => [true, false]));
});

test("a hash that argon2 does not take is refused as it would be, and the next one is verified", async () => {
  const argon2InThread = await fresh();
  await expect(argon2InThread("verify", "$argon2id$damaged", "x")).rejects.toThrow(/\w/);
  expect(await argon2InThread("verify", await argon2InThread("hash", "x", cost), "x")).toBe(true);
});

test.runIf(process.platform === "linux")("passwords are hashed below the event loop, which keeps its own priority", async () => {
  const argon2InThread = await fresh();
  await argon2InThread("hash", "x", cost);
  const niceness = (task: string) => Number(readFileSync(`/proc/self/task/${task}/stat`, "utf8").split(") ")[1]?.split(" ")[16]);
  const own = niceness(String(process.pid));
  expect(readdirSync("/proc/self/task").map(niceness)).toContain(Math.min(own + 10, 19));
});

test("where there may be no threads, passwords are hashed all the same", async () => {
  threadsAre(function refuse() {
    throw new Error("Access to this API has been restricted.");
  });
  const argon2InThread = await fresh();
  expect(await argon2InThread("verify", await argon2InThread("hash", "x", cost), "x")).toBe(true);
});

test("what a thread leaves that dies is hashed all the same, and no other is started", async () => {
  let started = 0;
  threadsAre(
    class extends Worker {
      constructor(_: string, options: WorkerOptions) {
        super("setTimeout(() => { throw new Error('no memory'); }, 20)", options);
        started += 1;
      }
    },
  );
  const argon2InThread = await fresh();
  const left = await argon2InThread("hash", "x", cost);
  expect(await argon2InThread("verify", left, "x")).toBe(true);
  expect(started).toBe(1);
});
