import { type Clock, OptionFault, type Store } from "../contracts/index.ts";
import { newId } from "../primitives/index.ts";
import { normalizeEmail } from "./email.ts";
import type { AccountTables } from "./table.ts";

export interface User {
  readonly id: string;
  readonly email: string;
  readonly emailVerified: boolean;
  readonly disabledAt: number | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly createdAt: number;
}

/** `auth.users`. */
export interface Users {
  /** Rejects with a UniqueViolation when somebody has this address. */
  create(options: { readonly email: string; readonly metadata?: Readonly<Record<string, unknown>> }): Promise<User>;
  find(id: string): Promise<User | undefined>;
  findByEmail(email: string): Promise<User | undefined>;
  /** By id, oldest first, at most `limit` (100); `after` is the id to go on from. */
  list(options?: { readonly limit?: number; readonly after?: string }): Promise<readonly User[]>;
}

export function createUsers(store: Store, clock: Clock): Users {
  const database = store.database<AccountTables>();
  return {
    async create({ email, metadata = {} }) {
      const at = clock.now();
      const user: User = { id: newId("usr", at), email, emailVerified: false, disabledAt: undefined, metadata, createdAt: at };
      const key = emailKey(email);
      await store.write<AccountTables, void>(async (transaction) => {
        await transaction
          .insertInto("latchkey_user")
          .values({
            id: user.id,
            email,
            email_key: key,
            email_verified: 0,
            disabled_at: null,
            metadata: JSON.stringify(metadata),
            created_at: at,
          })
          .execute();
      });
      return user;
    },
    async find(id) {
      return userOf(await database.selectFrom("latchkey_user").selectAll().where("id", "=", id).executeTakeFirst());
    },
    async findByEmail(email) {
      const key = normalizeEmail(email);
      if (key === undefined) return undefined;
      return userOf(await database.selectFrom("latchkey_user").selectAll().where("email_key", "=", key).executeTakeFirst());
    },
    async list({ limit = 100, after = "" } = {}) {
      const rows = await database
        .selectFrom("latchkey_user")
        .selectAll()
        .where("id", ">", after)
        .orderBy("id")
        .limit(Math.min(Math.max(limit, 1), 1_000))
        .execute();
      return rows.map((row) => userOf(row)!);
    },
  };
}

function emailKey(email: string): string {
  const key = typeof email === "string" ? normalizeEmail(email) : undefined;
  if (key === undefined) throw new OptionFault("email", { got: email, allowed: "an e-mail address", example: '"ada@example.com"' });
  return key;
}

function userOf(row: AccountTables["latchkey_user"] | undefined): User | undefined {
  return row === undefined
    ? undefined
    : {
        id: row.id,
        email: row.email,
        emailVerified: row.email_verified === 1,
        disabledAt: row.disabled_at ?? undefined,
        metadata: JSON.parse(row.metadata) as Record<string, unknown>,
        createdAt: row.created_at,
      };
}
