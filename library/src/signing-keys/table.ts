import type { Kysely } from "kysely";
import type { MigrationSet, Store } from "../contracts/index.ts";
import type { JwsAlgorithm } from "../primitives/index.ts";

export interface SigningKeyTables {
  latchkey_signing_key: {
    /** The `kid`. */
    id: string;
    algorithm: JwsAlgorithm;
    /** 1, 2, 3, … within the algorithm, each once: two nodes that make a key at the same time make one. */
    generation: number;
    /** PKCS #8 in PEM, or for HMAC the secret in base64url; sealed. */
    sealed: string;
    /** JWK as JSON; null for HMAC, of which nothing may be published. */
    public_jwk: string | null;
    created_at: number;
    signs_from: number;
    /** Longest life of a token that it may have signed. */
    longest_ms: number;
    /** Set when nothing that it signed may be believed any more. */
    withdrawn_at: number | null;
  };
}

export type SigningKeyRow = SigningKeyTables["latchkey_signing_key"];

export const signingKeyTables: MigrationSet = {
  name: "signing-key",
  migrations: [
    {
      name: "0001-create",
      up: async (database) => {
        await database.schema
          .createTable("latchkey_signing_key")
          .addColumn("id", "text", (column) => column.primaryKey())
          .addColumn("algorithm", "text", (column) => column.notNull())
          .addColumn("generation", "bigint", (column) => column.notNull())
          .addColumn("sealed", "text", (column) => column.notNull())
          .addColumn("public_jwk", "text")
          .addColumn("created_at", "bigint", (column) => column.notNull())
          .addColumn("signs_from", "bigint", (column) => column.notNull())
          .addColumn("longest_ms", "bigint", (column) => column.notNull())
          .addColumn("withdrawn_at", "bigint")
          .addUniqueConstraint("latchkey_signing_key_generation", ["algorithm", "generation"])
          .execute();
      },
    },
  ],
};

export async function allKeys(database: Kysely<SigningKeyTables>): Promise<readonly SigningKeyRow[]> {
  return database.selectFrom("latchkey_signing_key").selectAll().orderBy("algorithm").orderBy("generation").execute();
}

export const keyDatabase = (store: Store): Kysely<SigningKeyTables> => store.database<SigningKeyTables>();

/** False when another node has made this generation: then its key is the one. */
export async function insertKey(transaction: Kysely<SigningKeyTables>, row: SigningKeyRow): Promise<boolean> {
  const result = await transaction
    .insertInto("latchkey_signing_key")
    .values(row)
    .onConflict((conflict) => conflict.columns(["algorithm", "generation"]).doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

export async function updateKey(
  transaction: Kysely<SigningKeyTables>,
  id: string,
  values: Partial<Pick<SigningKeyRow, "sealed" | "signs_from" | "longest_ms" | "withdrawn_at">>,
): Promise<void> {
  await transaction.updateTable("latchkey_signing_key").set(values).where("id", "=", id).execute();
}

/** False when it was withdrawn already, or is not there. */
export async function withdrawKey(transaction: Kysely<SigningKeyTables>, id: string, at: number): Promise<boolean> {
  const result = await transaction
    .updateTable("latchkey_signing_key")
    .set({ withdrawn_at: at })
    .where("id", "=", id)
    .where("withdrawn_at", "is", null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export async function deleteKeys(transaction: Kysely<SigningKeyTables>, ids: readonly string[]): Promise<void> {
  await transaction.deleteFrom("latchkey_signing_key").where("id", "in", ids).execute();
}
