import { sql } from "kysely";
import { afterEach, beforeAll, expect, test } from "vitest";
import type { Store } from "latchkey";
import { postgres } from "latchkey/postgres";
import { describeWithPostgres, emptyPostgres } from "./services.ts";

describeWithPostgres("the only connection to PostgreSQL", () => {
  let url: string;
  let store: Store;
  beforeAll(async () => {
    url = await emptyPostgres();
  });
  afterEach(() => store.close());

  const run = (statement: string) => sql.raw<{ answer: number }>(statement).execute(store.database());

  test("on a server that only reads now is closed, so that the next write finds the one that writes", async () => {
    store = postgres(url, { connections: 1 });
    await run("set session characteristics as transaction read only");
    const write = () => store.write((transaction) => sql`create table if not exists written (id int)`.execute(transaction));
    await expect(write()).rejects.toMatchObject({ code: "LATCHKEY_STORE_UNAVAILABLE" });
    await expect(write()).resolves.toBeDefined();
  });

  test("of which a statement was given up is closed, so that nobody waits behind it or gets its late answer", async () => {
    store = postgres(url, { connections: 1, statementTimeoutMs: 500 });
    // As when the server hangs, and does not keep its own limit.
    await run("set statement_timeout = 0");
    await expect(run("select 1 as answer from pg_sleep(6)")).rejects.toMatchObject({ code: "LATCHKEY_STORE_UNAVAILABLE" });
    expect((await run("select 2 as answer")).rows).toEqual([{ answer: 2 }]);
  });

  test("stays after a statement that the server refused", async () => {
    store = postgres(url, { connections: 1 });
    await run("set application_name = 'the same as before'");
    await expect(run("select 1 from nowhere")).rejects.toMatchObject({ code: "LATCHKEY_STORE_UNAVAILABLE" });
    const { rows } = await sql<{ name: string }>`select current_setting('application_name') as name`.execute(store.database());
    expect(rows).toEqual([{ name: "the same as before" }]);
  });
});
