import { sql } from "kysely";
import type { Store } from "../../contracts/index.ts";
import type { DerivedKey } from "../../primitives/index.ts";
import type { ChainedRow } from "./chain.ts";
import type { Head } from "./heads.ts";
import type { AuditTables } from "./table.ts";
import { type ChainVerdict, type SeenHead, verifyChains } from "./verify-chain.ts";

const pageRows = 500;
const mostTries = 5;

/**
 * Walks every line in the store, while others go on writing: each is read up to where its head stood. When retention cut
 * a line meanwhile, it begins again. Names the first row that is wrong.
 */
export async function verifyStore(store: Store, keys: readonly DerivedKey[]): Promise<ChainVerdict> {
  const stray = await strayRow(store);
  if (stray !== undefined) return { sound: false, ...stray, reason: "the row is of a writer that has no head" };
  for (let tries = 1; ; tries += 1) {
    const heads = await readHeads(store);
    const verdict = await verifyChains(heads, (head) => rowsOf(store, head), keys);
    if (verdict.sound || tries === mostTries) return verdict;
    const starts = (list: readonly Head[]) => JSON.stringify(list.map(({ writer, start_seq }) => [writer, start_seq]));
    if (starts(heads) === starts(await readHeads(store))) return verdict;
  }
}

/** Heads and the newest number of each line, in one statement and so of one moment. */
function readHeads(store: Store): Promise<readonly SeenHead[]> {
  return store
    .database<AuditTables>()
    .selectFrom("latchkey_audit_head as head")
    .selectAll("head")
    .select((from) =>
      from
        .selectFrom("latchkey_audit_event as event")
        .whereRef("event.writer", "=", "head.writer")
        .select(sql<number>`max(event.seq)`.as("newest"))
        .as("newest"),
    )
    .orderBy("head.writer")
    .execute();
}

function strayRow(store: Store): Promise<{ readonly writer: string; readonly seq: number } | undefined> {
  const database = store.database<AuditTables>();
  return database
    .selectFrom("latchkey_audit_event")
    .select(["writer", "seq"])
    .where("writer", "not in", database.selectFrom("latchkey_audit_head").select("writer"))
    .orderBy("writer")
    .orderBy("seq")
    .limit(1)
    .executeTakeFirst();
}

async function* rowsOf(store: Store, head: Head): AsyncGenerator<ChainedRow & Record<string, string | number | null>> {
  let from = 0;
  for (;;) {
    const rows = await store
      .database<AuditTables>()
      .selectFrom("latchkey_audit_event")
      .selectAll()
      .where("writer", "=", head.writer)
      .where("seq", ">", from)
      .where("seq", "<=", head.seq)
      .orderBy("seq")
      .limit(pageRows)
      .execute();
    yield* rows;
    if (rows.length < pageRows) return;
    from = rows.at(-1)!.seq;
    // Requests come first.
    await new Promise((resume) => setImmediate(resume));
  }
}
