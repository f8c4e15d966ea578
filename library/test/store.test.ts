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
    return {
      // A machine that is busy with other tests may keep a hundred waiting for longer than a server should.
      open: () => postgres(url, { connectTimeoutMs: 15_000, statementTimeoutMs: 15_000 }),
      remove: () => undefined,
    };
  });
  test.each(suite.map(({ name, run }) => [name, run] as const))("%s", (_, run) => expect(run()).resolves.toBeUndefined());
});
