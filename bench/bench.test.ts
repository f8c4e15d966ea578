import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);
const program = path.join(import.meta.dirname, "run.mjs");

// The parts that start few processes; whether it is quick is not a question for a test.
test("the benchmark runs and prints a table of each part that was asked for", { timeout: 180_000 }, async () => {
  const { stdout } = await run(process.execPath, [program, "--quick", "cold", "lookup"]);
  expect(stdout).toMatch(/\| node:http, bare \| [\d.]+ /);
  expect(stdout).toMatch(/\| 1,000 keys, cold \| [\d.]+ /);
  expect(stdout).toMatch(/\| 1,000 \| [\d.]+ /);
});

test(
  "no webhook is lost, or signed wrongly, by a sender that is killed twice, at a receiver that fails half of the time",
  { timeout: 180_000 },
  async () => {
    const { stdout } = await run(process.execPath, [program, "--quick", "webhooks-killed"]);
    expect(stdout).toMatch(/\| 300 \| \d+ \| 0 \| 0 \| \d+ /);
  },
);

test("the benchmark names the parts it has when asked for one that it has not", { timeout: 60_000 }, async () => {
  const failure = await run(process.execPath, [program, "nothing"]).catch((error: { code: number; stderr: string }) => error);
  expect(failure).toMatchObject({ code: 2, stderr: expect.stringContaining("guard, cold") });
});
