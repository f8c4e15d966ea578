import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { postgres } from "latchkey/postgres";
import { sqlite } from "latchkey/sqlite";
import { storeSuite } from "../src/testing/suites/index.ts";
import { describeWithPostgres, emptyPostgres } from "./services.ts";

describe("the store on SQLite", () => {
  const suite = storeSuite(() => {
    const folder = mkdtempSync(join(tmpdir(), "latchkey-test-"));
    return { open: () => sqlite(join(folder, "a.db")), remove: () => rmSync(folder, { recursive: true, force: true }) };
  });
  test.each(suite.map(({ name, run }) => [name, run] as const))("%s", (_, run) => expect(run()).resolves.toBeUndefined());
});

describeWithPostgres("the store on PostgreSQL", () => {
  const suite = storeSuite(async () => {
    const url = await emptyPostgres();
    return { open: () => postgres(url), remove: () => undefined };
  });
  test.each(suite.map(({ name, run }) => [name, run] as const))("%s", (_, run) => expect(run()).resolves.toBeUndefined());
});
