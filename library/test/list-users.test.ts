import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Store } from "latchkey";
import { sqlite } from "latchkey/sqlite";
import { testLatchkey, type TestLatchkey } from "latchkey/testing";
import { patientPostgres } from "./patient-postgres.ts";
import { describeWithPostgres, postgresForEach } from "./services.ts";

function suite(makeStore: () => Store | Promise<Store>): void {
  let auth: TestLatchkey;
  const find = async (emailBegins: string) => (await auth.users.list({ emailBegins })).map(({ email }) => email);

  beforeAll(async () => {
    auth = await testLatchkey({ store: await makeStore() });
    for (const email of ["Ada@example.com", "adam@example.com", "ädam@example.com", "a_b%c@example.com", "bob@example.com"]) {
      await auth.users.create({ email });
      auth.clock.advance(1);
    }
  });
  afterAll(() => auth.close());

  test("finds addresses by their beginning, in any case and form of Unicode", async () => {
    expect(await find("AD")).toEqual(["Ada@example.com", "adam@example.com"]);
    expect(await find("A\u0308D")).toEqual(["ädam@example.com"]);
    expect(await find("bob@example.com")).toEqual(["bob@example.com"]);
  });

  test("takes no character for a pattern, and finds nobody for what nobody's address begins with", async () => {
    for (const none of ["%", "_da", "a_b%d", "dam", "\0", "ada\0", "'", "x".repeat(300), "x".repeat(100_000), "\ud800"])
      expect([none, await find(none)]).toEqual([none, []]);
    expect(await find("a_b%")).toEqual(["a_b%c@example.com"]);
  });

  test("goes on page by page, with and without a search", async () => {
    for (const emailBegins of ["", "a"]) {
      const all = await auth.users.list({ emailBegins });
      const first = await auth.users.list({ emailBegins, limit: 2 });
      const rest = await auth.users.list({ emailBegins, after: first.at(-1)!.id });
      expect([...first, ...rest]).toEqual(all);
    }
  });
}

describe("users on SQLite", () => {
  suite(() => sqlite(":memory:"));
});
describeWithPostgres("users on PostgreSQL", () => {
  const empty = postgresForEach();
  suite(async () => patientPostgres(await empty()));
});
