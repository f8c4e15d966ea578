import type { JwsAlgorithm } from "../primitives/index.ts";
import type { SigningKeyRow } from "./table.ts";

/** `next`: published, does not sign yet. `current`: signs. `retired`: published for the tokens that it signed. */
export type SigningKeyState = "next" | "current" | "retired" | "withdrawn";

/** `auth.signingKeys.list()`. */
export interface SigningKeyRecord {
  /** The `kid`. */
  readonly id: string;
  readonly algorithm: JwsAlgorithm;
  readonly state: SigningKeyState;
  readonly createdAt: number;
  readonly signsFrom: number;
  /** When the last token that it signed has expired, for one that no longer signs. */
  readonly publishedUntil: number | undefined;
}

/** Added to the life of the last token: the most clock tolerance that a verifier may allow. */
const toleranceMs = 60_000;

/**
 * Which stage each key of one algorithm is in: by the clock alone, so that all nodes change over at the same moment
 * without a write. `rows` in the order of generations.
 */
export function stagesAt(rows: readonly SigningKeyRow[], at: number): readonly SigningKeyRecord[] {
  const valid = rows.filter((row) => row.withdrawn_at === null);
  // Where none signs yet, the first does: the node that made it has a clock that is ahead.
  const current = valid.findLast((row) => row.signs_from <= at) ?? valid[0];
  return rows.map((row) => {
    const successor = valid.find((other) => other.generation > row.generation);
    const publishedUntil = successor === undefined ? undefined : successor.signs_from + row.longest_ms + toleranceMs;
    return {
      id: row.id,
      algorithm: row.algorithm,
      state: stateOf(row, current, at),
      createdAt: row.created_at,
      signsFrom: row.signs_from,
      publishedUntil: row.withdrawn_at ?? publishedUntil,
    };
  });
}

function stateOf(row: SigningKeyRow, current: SigningKeyRow | undefined, at: number): SigningKeyState {
  if (row.withdrawn_at !== null) return "withdrawn";
  if (row.id === current?.id) return "current";
  return row.signs_from > at ? "next" : "retired";
}

/** Whether tokens of this key are believed. */
export function isPublished(key: SigningKeyRecord, at: number): boolean {
  return key.state !== "withdrawn" && (key.state !== "retired" || key.publishedUntil === undefined || at < key.publishedUntil);
}
