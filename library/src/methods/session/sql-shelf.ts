// Sessions in SQL. Each change of one is a transaction with its entry in the audit and the change that tells every node.
import type { Kysely } from "kysely";
import { type AuditTrail, isPromise, type MaybePromise, type Store } from "../../contracts/index.ts";
import { compiledOnce, insertOnce } from "../../primitives/index.ts";
import type { StoredSession } from "./record.ts";
import type { SessionShelf } from "./shelf.ts";
import { findByDigest, findById, rowOf, sessionColumns, type SessionRow, type SessionTables, storedOf } from "./table.ts";

export interface SqlShelfParts {
  readonly store: Store;
  readonly trail: AuditTrail;
  /** See `SessionParts.change`. */
  readonly change: (changedId: string, job: (transaction: Kysely<SessionTables>) => Promise<boolean>) => Promise<boolean>;
}

/** How long a revoked session is known as one, so that `explain` can say so. */
const knownAfterMs = 86_400_000;
/** Few enough that nothing else waits long for the writer. */
const sweptAtOnce = 50;

function storedIn(rows: MaybePromise<readonly SessionRow[]>): MaybePromise<StoredSession | undefined> {
  const one = ([row]: readonly SessionRow[]) => (row === undefined ? undefined : storedOf(row));
  return isPromise(rows) ? rows.then(one) : one(rows);
}

export function sqlShelf({ store, trail, change }: SqlShelfParts): SessionShelf {
  const database = store.database<SessionTables>();
  const find = findByDigest(store);
  const findOne = findById(store);

  async function revoke(transaction: Kysely<SessionTables>, ids: readonly string[], at: number): Promise<number> {
    const result = await transaction
      .updateTable("latchkey_session")
      .set({ revoked_at: at, ends_at: at + knownAfterMs, data: "{}" })
      .where("id", "in", ids)
      .where("revoked_at", "is", null)
      .executeTakeFirst();
    return Number(result.numUpdatedRows);
  }

  /** The sessions of a user in force, last seen first. */
  const standing = (from: Kysely<SessionTables>, userId: string, at: number) =>
    from
      .selectFrom("latchkey_session")
      .where("user_id", "=", userId)
      .where("revoked_at", "is", null)
      .where("ends_at", ">", at)
      .orderBy("last_seen_at", "desc")
      .orderBy("id", "desc");

  // Part of every sign-in.
  const insert = insertOnce<SessionTables, "latchkey_session">("latchkey_session");
  const findBeyond = compiledOnce<SessionTables, { readonly id: string }>((from) => standing(from, "", 0).select("id").limit(1).offset(1));
  // Once for each session in use, every two seconds.
  const see = compiledOnce<SessionTables>((from) =>
    from
      .updateTable("latchkey_session")
      .set({ last_seen_at: 0, last_address: "", ends_at: 0 })
      .where("id", "=", "")
      .where("revoked_at", "is", null)
      .where("last_seen_at", "<", 0),
  );

  return {
    find: (digest) => storedIn(find(digest)),
    get: (id) => storedIn(findOne(id)),
    list: async (userId, at) => (await standing(database, userId, at).select(sessionColumns).limit(1_000).execute()).map(storedOf),
    async add(session, digest, most, entry) {
      await change(session.userId, async (transaction) => {
        // Those in front of them are none of a sign-in's business: a row costs more to read than to pass over.
        const { rows: beyond } = await findBeyond(transaction, [session.userId, session.createdAt, 1_000, most - 1]);
        await insert(transaction, rowOf(session, digest));
        await trail.record(transaction, entry);
        for (const { id } of beyond) {
          const detail = `more than ${most} sessions`;
          await trail.record(transaction, { ...entry, action: "session.ended", credentialId: id, detail });
        }
        return (
          beyond.length > 0 &&
          (await revoke(
            transaction,
            beyond.map(({ id }) => id),
            session.createdAt,
          )) > 0
        );
      });
    },
    renew: (id, digest, { authenticatedAt, lastSeenAt, endsAt, acr, amr }, entry) =>
      change(id, async (transaction) => {
        const result = await transaction
          .updateTable("latchkey_session")
          .set({
            digest,
            authenticated_at: authenticatedAt,
            last_seen_at: lastSeenAt,
            ends_at: endsAt,
            acr: acr ?? null,
            amr: JSON.stringify(amr),
          })
          .where("id", "=", id)
          .where("revoked_at", "is", null)
          .where("ends_at", ">", lastSeenAt)
          .executeTakeFirst();
        if (result.numUpdatedRows === 0n) return false;
        await trail.record(transaction, entry);
        return true;
      }),
    end: (id, at, entry) =>
      change(id, async (transaction) => {
        if ((await revoke(transaction, [id], at)) === 0) return false;
        await trail.record(transaction, entry);
        return true;
      }),
    async endAll(userId, exceptId, at, entry) {
      let ended = 0;
      await change(userId, async (transaction) => {
        const ids = (await standing(transaction, userId, at).select("id").execute()).map(({ id }) => id).filter((id) => id !== exceptId);
        ended = ids.length === 0 ? 0 : await revoke(transaction, ids, at);
        for (const credentialId of ids) await trail.record(transaction, { ...entry, credentialId });
        return ended > 0;
      });
      return ended;
    },
    sight: (sightings) =>
      store.write<SessionTables, void>(async (transaction) => {
        for (const { id, at, address, endsAt } of sightings) await see(transaction, [at, address, endsAt, id, at]);
      }),
    sweep: (at) =>
      store.write<SessionTables, number>(async (transaction) => {
        const result = await transaction
          .deleteFrom("latchkey_session")
          .where("id", "in", (query) =>
            query.selectFrom("latchkey_session").select("id").where("ends_at", "<=", at).orderBy("ends_at").limit(sweptAtOnce),
          )
          .executeTakeFirst();
        return Number(result.numDeletedRows);
      }),
    async readData(id) {
      const query = database.selectFrom("latchkey_session").select(["data", "data_version"]);
      const row = await query.where("id", "=", id).where("revoked_at", "is", null).executeTakeFirst();
      return row === undefined ? undefined : { version: row.data_version, text: row.data };
    },
    writeData: (id, { version, text }) =>
      store.write<SessionTables, boolean>(async (transaction) => {
        const result = await transaction
          .updateTable("latchkey_session")
          .set({ data: text, data_version: version + 1 })
          .where("id", "=", id)
          .where("revoked_at", "is", null)
          .where("data_version", "=", version)
          .executeTakeFirst();
        return result.numUpdatedRows === 1n;
      }),
  };
}
