import type { MigrationSet, Store } from "../../contracts/index.ts";
import type { StoredSession } from "./record.ts";

export interface SessionTables {
  latchkey_session: {
    id: string;
    /** SHA-256 of the secret in the cookie. */
    digest: string;
    user_id: string;
    created_at: number;
    authenticated_at: number;
    last_seen_at: number;
    last_address: string;
    /** When it ends unless it is seen again; never later than `expires_at`. What is over is swept by it. */
    ends_at: number;
    expires_at: number;
    address: string;
    user_agent: string | null;
    acr: string | null;
    /** JSON array of texts. */
    amr: string;
    revoked_at: number | null;
    /** What the app keeps for the session: a JSON object, and how often it was written. */
    data: string;
    data_version: number;
  };
}

export type SessionRow = Omit<SessionTables["latchkey_session"], "data" | "data_version" | "digest">;

export const sessionTables: MigrationSet = {
  name: "session",
  migrations: [
    {
      name: "0001-create",
      up: async (database) => {
        await database.schema
          .createTable("latchkey_session")
          .addColumn("id", "text", (column) => column.primaryKey())
          .addColumn("digest", "text", (column) => column.notNull().unique())
          .addColumn("user_id", "text", (column) => column.notNull())
          .addColumn("created_at", "bigint", (column) => column.notNull())
          .addColumn("authenticated_at", "bigint", (column) => column.notNull())
          .addColumn("last_seen_at", "bigint", (column) => column.notNull())
          .addColumn("last_address", "text", (column) => column.notNull())
          .addColumn("ends_at", "bigint", (column) => column.notNull())
          .addColumn("expires_at", "bigint", (column) => column.notNull())
          .addColumn("address", "text", (column) => column.notNull())
          .addColumn("user_agent", "text")
          .addColumn("acr", "text")
          .addColumn("amr", "text", (column) => column.notNull())
          .addColumn("revoked_at", "bigint")
          .addColumn("data", "text", (column) => column.notNull())
          .addColumn("data_version", "bigint", (column) => column.notNull())
          .execute();
        await database.schema.createIndex("latchkey_session_user").on("latchkey_session").column("user_id").execute();
        await database.schema.createIndex("latchkey_session_ends").on("latchkey_session").column("ends_at").execute();
      },
    },
  ],
};

/** Everything but the digest, which nobody needs to see again, and the app's data, which may be long. */
export const sessionColumns = [
  "id",
  "user_id",
  "created_at",
  "authenticated_at",
  "last_seen_at",
  "last_address",
  "ends_at",
  "expires_at",
  "address",
  "user_agent",
  "acr",
  "amr",
  "revoked_at",
] as const satisfies readonly (keyof SessionRow)[];

/** The hot look-up, prepared once. */
export function findByDigest(store: Store) {
  return store.prepare<SessionRow>(
    store.database<SessionTables>().selectFrom("latchkey_session").select(sessionColumns).where("digest", "=", ""),
    { atMostOne: true },
  );
}

export function findById(store: Store) {
  return store.prepare<SessionRow>(
    store.database<SessionTables>().selectFrom("latchkey_session").select(sessionColumns).where("id", "=", ""),
    { atMostOne: true },
  );
}

export function rowOf(session: StoredSession, digest: string): SessionTables["latchkey_session"] {
  return {
    id: session.id,
    digest,
    user_id: session.userId,
    created_at: session.createdAt,
    authenticated_at: session.authenticatedAt,
    last_seen_at: session.lastSeenAt,
    last_address: session.lastAddress,
    ends_at: session.endsAt,
    expires_at: session.expiresAt,
    address: session.address,
    user_agent: session.userAgent ?? null,
    acr: session.acr ?? null,
    amr: JSON.stringify(session.amr),
    revoked_at: null,
    data: "{}",
    data_version: 0,
  };
}

export function storedOf(row: SessionRow): StoredSession {
  return {
    id: row.id,
    userId: row.user_id,
    createdAt: row.created_at,
    authenticatedAt: row.authenticated_at,
    lastSeenAt: row.last_seen_at,
    lastAddress: row.last_address,
    endsAt: row.ends_at,
    expiresAt: row.expires_at,
    address: row.address,
    userAgent: row.user_agent ?? undefined,
    acr: row.acr ?? undefined,
    amr: JSON.parse(row.amr) as string[],
    revokedAt: row.revoked_at ?? undefined,
  };
}
