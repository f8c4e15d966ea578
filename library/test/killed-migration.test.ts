import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterAll, expect, test } from "vitest";
import { createLatchkey, type Store } from "latchkey";
import { sqlite } from "latchkey/sqlite";
import { childProgram } from "./child-program.ts";
import { patientPostgres } from "./patient-postgres.ts";
import { keyRequest } from "./request.ts";
import { describeWithPostgres, emptyPostgres } from "./services.ts";

const start = childProgram("migrating-child.ts");
const folder = mkdtempSync(join(tmpdir(), "latchkey-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the program until it stands in the middle, and kills it there. */
async function killInTheMiddle(place: string): Promise<void> {
  const child = start(place);
  await child.says("in the middle");
  await child.kill();
}

/** What can be seen of it, and whether the next start works. */
async function lookAt(open: () => Store) {
  const auth = await createLatchkey({ issuer: "http://localhost:3000", store: open(), secret: "a test secret of at least 32 bytes" });
  const { key } = await auth.apiKeys.issue({ name: "ci" });
  const { allowed } = await auth.check(keyRequest(key), auth.rule());
  await auth.close();
  const store = open();
  const halfDone = await sql`select * from half_done`.execute(store.database()).then(
    () => "there",
    () => "not there",
  );
  await store.close();
  return { allowed, halfDone };
}

test("kill -9 in the middle of a migration on SQLite leaves nothing of it, and the next start finishes [attack:ST-07]", async () => {
  const file = join(folder, "a.db");
  await killInTheMiddle(file);
  expect(await lookAt(() => sqlite(file))).toEqual({ allowed: true, halfDone: "not there" });
});

describeWithPostgres("on PostgreSQL", () => {
  test("kill -9 in the middle of a migration leaves nothing of it and no lock, and the next start finishes [attack:ST-07]", async () => {
    const url = await emptyPostgres();
    await killInTheMiddle(url);
    expect(await lookAt(() => patientPostgres(url))).toEqual({ allowed: true, halfDone: "not there" });
  });
});
