import type { Kysely } from "kysely";
import type { MigrationSet, Store } from "../contracts/index.ts";
import { compiledOnce } from "../primitives/index.ts";

export interface RefreshTables {
  /** One sign-in of one app: every refresh token that came of it, one after the other. */
  latchkey_refresh_family: {
    /** `grt_…`: the grant that a revocation names. */
    id: string;
    subject: string;
    client_id: string;
    session_id: string | null;
    /** JSON: what the access tokens of this family say; its owner's business. */
    grant_data: string;
    created_at: number;
    last_used_at: number;
    ends_at: number;
    revoked_at: number | null;
  };
  latchkey_refresh_token: {
    /** SHA-256, base64url. */
    digest: string;
    family_id: string;
    /** 1, 2, 3, …, each once: a family never has two living tokens. */
    generation: number;
    expires_at: number;
    used_at: number | null;
    /** The random bits from which, together with this token, the next one was made. */
    successor: string | null;
  };
}

export const refreshTables: MigrationSet = {
  name: "refresh-token",
  migrations: [
    {
      name: "0001-create",
      up: async (database) => {
        await database.schema
          .createTable("latchkey_refresh_family")
          .addColumn("id", "text", (column) => column.primaryKey())
          .addColumn("subject", "text", (column) => column.notNull())
          .addColumn("client_id", "text", (column) => column.notNull())
          .addColumn("session_id", "text")
          .addColumn("grant_data", "text", (column) => column.notNull())
          .addColumn("created_at", "bigint", (column) => column.notNull())
          .addColumn("last_used_at", "bigint", (column) => column.notNull())
          .addColumn("ends_at", "bigint", (column) => column.notNull())
          .addColumn("revoked_at", "bigint")
          .execute();
        await database.schema.createIndex("latchkey_refresh_family_subject").on("latchkey_refresh_family").column("subject").execute();
        await database.schema.createIndex("latchkey_refresh_family_ends").on("latchkey_refresh_family").column("ends_at").execute();
        await database.schema
          .createTable("latchkey_refresh_token")
          .addColumn("digest", "text", (column) => column.primaryKey())
          .addColumn("family_id", "text", (column) => column.notNull().references("latchkey_refresh_family.id").onDelete("cascade"))
          .addColumn("generation", "bigint", (column) => column.notNull())
          .addColumn("expires_at", "bigint", (column) => column.notNull())
          .addColumn("used_at", "bigint")
          .addColumn("successor", "text")
          .addUniqueConstraint("latchkey_refresh_token_generation", ["family_id", "generation"])
          .execute();
      },
    },
  ],
};

export type FamilyRow = RefreshTables["latchkey_refresh_family"];
export type TokenRow = RefreshTables["latchkey_refresh_token"];
/** A presented token with its family. */
export type PresentedRow = TokenRow & Omit<FamilyRow, "id">;

const presented = (database: Kysely<RefreshTables>, digest: string) =>
  database
    .selectFrom("latchkey_refresh_token")
    .innerJoin("latchkey_refresh_family", "latchkey_refresh_family.id", "latchkey_refresh_token.family_id")
    .selectAll("latchkey_refresh_token")
    .select(["subject", "client_id", "session_id", "grant_data", "created_at", "last_used_at", "ends_at", "revoked_at"])
    .where("latchkey_refresh_token.digest", "=", digest);

/** The look-up before a rotation, prepared once. */
export function findPresented(store: Store) {
  return store.prepare<PresentedRow>(presented(store.database<RefreshTables>(), ""), { atMostOne: true });
}

/** Whether a family has ended, prepared once. */
export function findRevoked(store: Store) {
  return store.prepare<Pick<FamilyRow, "revoked_at">>(
    store.database<RefreshTables>().selectFrom("latchkey_refresh_family").select("revoked_at").where("id", "=", ""),
    { atMostOne: true },
  );
}

export async function presentedNow(transaction: Kysely<RefreshTables>, digest: string): Promise<PresentedRow | undefined> {
  return presented(transaction, digest).executeTakeFirst();
}

function createInsertToken() {
  const insert = compiledOnce<RefreshTables>((database) =>
    database
      .insertInto("latchkey_refresh_token")
      .values({ digest: "", family_id: "", generation: 0, expires_at: 0, used_at: null, successor: null }),
  );
  return (transaction: Kysely<RefreshTables>, { digest, family_id, generation, expires_at }: TokenRow) =>
    insert(transaction, [digest, family_id, generation, expires_at, null, null]);
}

/** Uses a token up for the next, if nobody has and its family stands; true for the one that did. */
export function createUse() {
  const use = compiledOnce<RefreshTables>((database) =>
    database
      .updateTable("latchkey_refresh_token")
      .set({ used_at: 0, successor: "" })
      .where("digest", "=", "")
      .where("used_at", "is", null)
      // Equal and not one of: for a list SQLite makes a table of its own each time.
      .where("family_id", "=", (query) =>
        query.selectFrom("latchkey_refresh_family").select("id").where("id", "=", "").where("revoked_at", "is", null),
      ),
  );
  const insert = createInsertToken();
  return async (transaction: Kysely<RefreshTables>, used: TokenRow, next: TokenRow): Promise<boolean> => {
    const { numAffectedRows } = await use(transaction, [used.used_at, used.successor, used.digest, used.family_id]);
    if (numAffectedRows !== 1n) return false;
    await insert(transaction, next);
    return true;
  };
}

const pruneEvery = 64;
/** More than anybody may have: what a lower limit leaves over ends with the next sign-in. */
const mostEnded = 100_000;

/** Keeps a new family; those of this subject beyond the newest `most` - 1 end. Answers which ended. */
export function createInsertFamily() {
  const others = compiledOnce<RefreshTables, { id: string }>((database) =>
    database
      .selectFrom("latchkey_refresh_family")
      .select("id")
      .where("subject", "=", "")
      .where("revoked_at", "is", null)
      .where("ends_at", ">", 0)
      .orderBy("last_used_at", "desc")
      .orderBy("id", "desc")
      .limit(mostEnded)
      .offset(0),
  );
  const times = { created_at: 0, last_used_at: 0, ends_at: 0, revoked_at: null };
  const insertFamily = compiledOnce<RefreshTables>((database) =>
    database
      .insertInto("latchkey_refresh_family")
      .values({ id: "", subject: "", client_id: "", session_id: null, grant_data: "", ...times }),
  );
  const insertToken = createInsertToken();
  let inserted = 0;
  return async (transaction: Kysely<RefreshTables>, family: FamilyRow, token: TokenRow, most: number): Promise<readonly string[]> => {
    const at = family.created_at;
    if ((inserted += 1) % pruneEvery === 0) await pruneFamilies(transaction, at - 86_400_000);
    // Only those beyond are read: to be told of each that stays would cost more the more there are.
    const { rows } = await others(transaction, [family.subject, at, mostEnded, most - 1]);
    const ended = rows.map(({ id }) => id);
    for (const id of ended) await revokeFamily(transaction, id, at);
    const { id, subject, client_id, session_id, grant_data, created_at, last_used_at, ends_at } = family;
    await insertFamily(transaction, [id, subject, client_id, session_id, grant_data, created_at, last_used_at, ends_at, null]);
    await insertToken(transaction, token);
    return ended;
  };
}

/** Lets go of some that are over: a bounded number, so that nobody waits for it. */
async function pruneFamilies(transaction: Kysely<RefreshTables>, endedBefore: number): Promise<void> {
  await transaction
    .deleteFrom("latchkey_refresh_family")
    .where("id", "in", (query) => query.selectFrom("latchkey_refresh_family").select("id").where("ends_at", "<", endedBefore).limit(256))
    .execute();
}

/** Ends one family, or all between a subject and a client. */
export async function revokeFamilies(
  transaction: Kysely<RefreshTables>,
  which: { readonly id: string } | { readonly subject: string; readonly clientId: string },
  at: number,
): Promise<void> {
  const ending = transaction.updateTable("latchkey_refresh_family").set({ revoked_at: at }).where("revoked_at", "is", null);
  const chosen =
    "id" in which ? ending.where("id", "=", which.id) : ending.where("subject", "=", which.subject).where("client_id", "=", which.clientId);
  await chosen.execute();
}

/** False when it had ended already. */
export async function revokeFamily(transaction: Kysely<RefreshTables>, id: string, at: number): Promise<boolean> {
  const result = await transaction
    .updateTable("latchkey_refresh_family")
    .set({ revoked_at: at })
    .where("id", "=", id)
    .where("revoked_at", "is", null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

const columnOf = { subject: "subject", client: "client_id", session: "session_id", grant: "id" } as const;

/** Ends every family of a subject, client or session, or the one of a grant; their access tokens are the caller's to end. */
export async function endFamilies<Tables>(transaction: Kysely<Tables>, of: keyof typeof columnOf, name: string, at: number): Promise<void> {
  await (transaction as unknown as Kysely<RefreshTables>)
    .updateTable("latchkey_refresh_family")
    .set({ revoked_at: at })
    .where(columnOf[of], "=", name)
    .where("revoked_at", "is", null)
    .execute();
}

/** Whether the token of this generation was used. */
export async function isUsed(transaction: Kysely<RefreshTables>, familyId: string, generation: number): Promise<boolean> {
  const row = await transaction
    .selectFrom("latchkey_refresh_token")
    .select("used_at")
    .where("family_id", "=", familyId)
    .where("generation", "=", generation)
    .executeTakeFirst();
  return row === undefined || row.used_at !== null;
}

/** More than are made between two looks at a family, so that those that ended do not pile up. */
const mostPruned = 64;

/**
 * What a long family no longer needs: old tokens past their own end, which are refused as unknown. The oldest end first, so no
 * more than some of them are looked at, however many there are, and none where the very first has not ended.
 */
export async function pruneFamily(transaction: Kysely<RefreshTables>, familyId: string, at: number): Promise<void> {
  await transaction.updateTable("latchkey_refresh_family").set({ last_used_at: at }).where("id", "=", familyId).execute();
  const oldest = await transaction
    .selectFrom("latchkey_refresh_token")
    .select("expires_at")
    .where("family_id", "=", familyId)
    .orderBy("generation")
    .limit(1)
    .executeTakeFirst();
  if (oldest === undefined || oldest.expires_at >= at) return;
  await transaction
    .deleteFrom("latchkey_refresh_token")
    .where("digest", "in", (query) =>
      query.selectFrom("latchkey_refresh_token").select("digest").where("family_id", "=", familyId).orderBy("generation").limit(mostPruned),
    )
    .where("expires_at", "<", at)
    .where("used_at", "is not", null)
    .execute();
}
