import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { childProgram } from "./child-program.ts";

const start = childProgram("checkpoints-child.ts");
let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "latchkey-test-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a process that waits for nothing but the log's thread does not end before it", async () => {
  const child = start(join(folder, "a.db"), "waits");
  await child.says("room");
  expect(await child.ended).toBe(0);
});

test("a process that ends while the thread works is not aborted", async () => {
  for (const ms of ["1", "5", "10", "20", "30"]) expect(await start(join(folder, `${ms}.db`), ms).ended).toBe(0);
});
