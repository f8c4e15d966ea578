import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { searchRun } from "./search.ts";

const run = promisify(execFile);
const vitest = fileURLToPath(new URL("../../../node_modules/vitest/vitest.mjs", import.meta.url));
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

test("what a gate hands over without HTTP is searched too, and a find is a failure of the run", async () => {
  const { TEST_RECORD_FOLDER: _, ...environment } = process.env;
  const { code, stdout } = await run(process.execPath, [vitest, "run", "--config", here("leaking.config.ts"), "--root", here("../../..")], {
    env: { ...environment, NO_COLOR: "1" },
  }).then(
    (done) => ({ ...done, code: 0 }),
    (failed: { readonly code: number; readonly stdout: string }) => failed,
  );
  expect(stdout).toContain("1 passed");
  expect(code).toBe(1);
  const places = [...stdout.matchAll(/^ {2}([^:]+: \w+ ".{6})/gm)].map(([, place]) => place!);
  // The secret of a webhook is found as its bytes, too, which are others each time.
  expect([...new Set(places.filter((place) => /: chosen|whsec_/.test(place)))].toSorted()).toEqual([
    'handed GET 200: chosen "fetche',
    'handed GET 200: chosen "handle',
    'handed GET 200: issued "whsec_',
    'sqlite: chosen "fetche',
    'sqlite: chosen "handle',
  ]);
});
