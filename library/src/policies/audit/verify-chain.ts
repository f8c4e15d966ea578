/** Walks the chains and names the first thing that is wrong. Reads only. */
import { type DerivedKey, sameSecret } from "../../primitives/index.ts";
import { type ChainedRow, rowMac } from "./chain.ts";
import { type Head, headMac, root } from "./heads.ts";

export type ChainVerdict =
  | { readonly sound: true; readonly rows: number; readonly writers: number }
  /** The first row that is wrong, by the node that wrote it and its number there. */
  | { readonly sound: false; readonly writer: string; readonly seq: number; readonly reason: string };

/** A head, and the newest number that its writer's rows have (null: there is none), read at the same moment. */
export type SeenHead = Head & { readonly newest: number | null };

type AnyRow = ChainedRow & Record<string, string | number | null>;

/**
 * Whether nothing was edited, removed, put in or cut off since it was written. `rowsOf` gives a
 * writer's rows by number, from the first there is up to its head. Keys of older secrets are accepted by the id in the
 * row. Whoever puts back an old copy of the whole database, heads included, is not seen from within it: keep an export elsewhere.
 */
export async function verifyChains(
  heads: readonly SeenHead[],
  rowsOf: (head: Head) => AsyncIterable<AnyRow>,
  keys: readonly DerivedKey[],
): Promise<ChainVerdict> {
  const keyOf = new Map(keys.map(({ id, key }) => [id, key]));
  const writers = heads.filter(({ writer }) => writer !== root);
  const counted = heads.find(({ writer }) => writer === root);
  for (const head of heads) {
    const key = keyOf.get(head.key_id);
    if (key === undefined) return bad(head.writer, head.seq, "the head was made with an unknown key");
    if (!sameSecret(headMac(key, head), head.mac)) return bad(head.writer, head.seq, "the head was changed");
  }
  if ((counted?.seq ?? 0) !== writers.length) return bad(root, counted?.seq ?? 0, "the head of a writer is missing");
  let rows = 0;
  for (const head of writers) {
    const walked = await walk(head, rowsOf(head), keyOf);
    if (typeof walked !== "number") return walked;
    rows += walked;
  }
  return { sound: true, rows, writers: writers.length };
}

async function walk(head: SeenHead, rows: AsyncIterable<AnyRow>, keyOf: ReadonlyMap<string, Buffer>): Promise<ChainVerdict | number> {
  let seq = head.start_seq;
  let mac = head.start_mac;
  for await (const row of rows) {
    seq += 1;
    if (row.seq !== seq) return bad(head.writer, seq, `the row is missing; the next one is ${row.seq}`);
    const key = keyOf.get(row.key_id);
    if (key === undefined) return bad(head.writer, seq, "the row was made with an unknown key");
    if (!sameSecret(rowMac(key, mac, row), row.mac)) return bad(head.writer, seq, "the row, or the one before it, was changed");
    mac = row.mac;
  }
  if (seq < head.seq) return bad(head.writer, seq + 1, `the tail is cut: the head says ${head.seq}`);
  if (mac !== head.last_mac) return bad(head.writer, seq, "the row is not the one that the head names");
  if ((head.newest ?? head.seq) > head.seq) return bad(head.writer, head.seq + 1, "the row was put in behind the head");
  return seq - head.start_seq;
}

function bad(writer: string, seq: number, reason: string): ChainVerdict {
  return { sound: false, writer, seq, reason };
}
