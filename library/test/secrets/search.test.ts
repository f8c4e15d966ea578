import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { searchRun } from "./search.ts";

const run = promisify(execFile);
const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** What the search finds after a run of one program. */
async function searchAfter(how: "leaking" | "tight") {
  const folder = mkdtempSync(join(tmpdir(), "lk-search-"));
  const { VITEST: _, ...environment } = process.env;
  try {
    await run(process.execPath, ["--import", here("record.mjs"), here("leaking-child.mjs"), how], {
      env: { ...environment, TEST_RECORD_FOLDER: folder },
    });
    return searchRun(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("the search after a run finds a secret in a database, an answer and a log, in whatever form it stands there", async () => {
  const { secrets, found } = await searchAfter("leaking");
  expect(secrets).toBe(3);
  const places = found.map(({ where, kind, secret }) => `${where}: ${kind} ${secret.slice(0, 9)}`);
  expect([...new Set(places)].toSorted()).toEqual([
    "answer GET 200: chosen a master ",
    "answer GET 200: issued lk_live_a",
    "log: issued lk_live_a",
    "sqlite: chosen four quie",
    "sqlite: issued lk_live_a",
  ]);
});

test("it finds nothing where digests are stored and a token is told once, by what makes it", async () => {
  const { secrets, found } = await searchAfter("tight");
  expect([secrets, found]).toEqual([3, []]);
});
