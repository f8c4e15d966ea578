import type { Kysely } from "kysely";
import { type ActedBy, type AuditTrail, type Clock, OptionFault, type Store } from "../contracts/index.ts";
import { newId } from "../primitives/index.ts";
import { byNobody, doneTo } from "./act.ts";
import type { Change } from "./change.ts";
import { type Directory, type User, userOf } from "./directory.ts";
import { listUsers, type UserList } from "./list-users.ts";
import { importUser, type ImportOutcome } from "./import-user.ts";
import type { ImportedUser } from "./imports/index.ts";
import type { Passwords } from "./passwords/index.ts";
import type { AccountTables } from "./table.ts";
import { changedColumns, checkRoles, forget, putPassword, putRoles, type UserChanges, type UserOptions, userRow } from "./user-row.ts";

/**
 * `auth.users`. Whatever is changed here holds from the next request on, on other nodes within a second. `by` says who
 * does it, for the audit; left out: the program itself.
 */
export interface Users {
  /**
   * Rejects with a UniqueViolation when somebody has this address, and with an OptionFault for a password that may not
   * be chosen.
   */
  create(options: UserOptions, by?: ActedBy): Promise<User>;
  /** Takes over a user of another system with the hash of its password, which is hashed anew at the next sign-in. */
  import(user: ImportedUser, by?: ActedBy): Promise<ImportOutcome>;
  find(id: string): Promise<User | undefined>;
  findByEmail(email: string): Promise<User | undefined>;
  /** By id, oldest first, at most `limit` (100). */
  list(options?: UserList): Promise<readonly User[]>;
  /** What is left out stays. False: there is no such user. A new address is unverified unless it is said to be. */
  update(id: string, changes: UserChanges, by?: ActedBy): Promise<boolean>;
  /** Ends what was begun with the old one. False: there is no such user. Rejects with an OptionFault like `create`. */
  setPassword(id: string, password: string, by?: ActedBy): Promise<boolean>;
  /** Refuses every credential of the user until it is enabled again. False: there was nothing to disable. */
  disable(id: string, by?: ActedBy): Promise<boolean>;
  enable(id: string, by?: ActedBy): Promise<boolean>;
  /** The user, its password and its roles are gone, and its credentials are of no use. False: there is no such user. */
  delete(id: string, by?: ActedBy): Promise<boolean>;
  /** For an app with users of its own: something of this one changed there, so nothing that was cached holds. */
  changed(id: string): Promise<void>;
}

export interface UserParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly passwords: Passwords;
  readonly change: Change;
  readonly trail: AuditTrail;
}

/** The users in our own table. */
export function createUsers(parts: UserParts): Users {
  const { store, clock, directory, passwords, change, trail } = parts;

  const setDisabled = (id: string, at: number | null, by: ActedBy): Promise<boolean> =>
    change(id, async (transaction) => {
      const changing = transaction.updateTable("latchkey_user").set({ disabled_at: at }).where("id", "=", id);
      const result = await changing.where("disabled_at", at === null ? "is not" : "is", null).executeTakeFirst();
      if (result.numUpdatedRows === 0n) return false;
      await trail.record(transaction, doneTo(at === null ? "user.enabled" : "user.disabled", id, by));
      return true;
    });

  return {
    async create(options, by = byNobody) {
      const at = clock.now();
      const row = userRow(options, newId("usr", at), at);
      const roles = checkRoles(options.roles ?? []);
      const hash = options.password === undefined ? undefined : await passwords.prepare(options.password, options.email);
      await store.write<AccountTables, void>(async (transaction) => {
        await transaction.insertInto("latchkey_user").values(row).execute();
        if (hash !== undefined) await putPassword(transaction, row.id, hash, at);
        await putRoles(transaction, row.id, roles, at);
        await trail.record(transaction, doneTo("user.created", row.id, by, roles.length === 0 ? undefined : `roles ${roles.join(" ")}`));
      });
      return userOf(row)!;
    },
    import: (user, by = byNobody) => importUser(user, parts, by),
    find: async (id) => directory.find(id),
    findByEmail: async (email) => directory.findByEmail(email),
    list: (options = {}) => listUsers(store, options),
    async update(id, changes, by = byNobody) {
      const values = changedColumns(changes);
      const names = Object.keys(changes);
      if (names.length === 0) return (await directory.find(id)) !== undefined;
      return change(id, async (transaction) => {
        const result = await transaction.updateTable("latchkey_user").set(values).where("id", "=", id).executeTakeFirst();
        if (result.numUpdatedRows === 0n) return false;
        await trail.record(transaction, doneTo("user.updated", id, by, names.join(" ")));
        return true;
      });
    },
    setPassword: (id, password, by = byNobody) => setPassword(parts, id, password, by),
    disable: (id, by = byNobody) => setDisabled(id, clock.now(), by),
    enable: (id, by = byNobody) => setDisabled(id, null, by),
    delete: (id, by = byNobody) =>
      change(id, async (transaction) => {
        await forget(transaction, id);
        const result = await transaction.deleteFrom("latchkey_user").where("id", "=", id).executeTakeFirst();
        if (result.numDeletedRows === 0n) return false;
        await trail.record(transaction, doneTo("user.deleted", id, by));
        return true;
      }),
    changed: async (id) => void (await change(id, () => Promise.resolve(true))),
  };
}

/** The users of an app with a table of its own: what concerns that table is done there. */
export function createSourceUsers(parts: UserParts, create: ((email: string) => Promise<User>) | undefined): Users {
  const { directory, change, trail, passwords, store, clock } = parts;
  const theirs = (what: string): never => {
    throw new OptionFault("users", {
      got: what,
      allowed: "in the app's own table, since its users are kept there; then tell auth.users.changed(id)",
      example: "await auth.users.changed(id)",
    });
  };
  return {
    async create(options, by = byNobody) {
      const roles = checkRoles(options.roles ?? []);
      // The app is asked by the normal form later, so that is what it is told.
      const { email_key: email } = userRow(options, "", 0);
      const hash = options.password === undefined ? undefined : await passwords.prepare(options.password, email);
      const user = create === undefined ? theirs("create") : await create(email);
      await store.write<AccountTables, void>(async (transaction) => {
        if (hash !== undefined) await putPassword(transaction, user.id, hash, clock.now());
        await putRoles(transaction, user.id, roles, clock.now());
        await trail.record(transaction, doneTo("user.created", user.id, by));
      });
      return user;
    },
    import: async () => theirs("import"),
    find: async (id) => directory.find(id),
    findByEmail: async (email) => directory.findByEmail(email),
    list: async () => theirs("list"),
    update: async () => theirs("update"),
    setPassword: (id, password, by = byNobody) => setPassword(parts, id, password, by),
    disable: async () => theirs("disable"),
    enable: async () => theirs("enable"),
    // Whoever is deleted there is forgotten here: the password and the roles.
    delete: (id, by = byNobody) =>
      change(id, async (transaction) => {
        await forget(transaction, id);
        await trail.record(transaction, doneTo("user.deleted", id, by));
        return true;
      }),
    changed: async (id) => void (await change(id, () => Promise.resolve(true))),
  };
}

/** A new password for a user of ours or of the app. */
async function setPassword(parts: UserParts, id: string, password: string, by: ActedBy): Promise<boolean> {
  const user = await parts.directory.find(id);
  if (user === undefined) return false;
  const hash = await parts.passwords.prepare(password, user.email);
  return storePassword(parts, id, hash, by);
}

/** Stores the hash of a new password, and what `also` writes with it; what was begun with the old one is stale from then on. */
export function storePassword(
  { change, clock, directory, trail }: Pick<UserParts, "change" | "clock" | "directory" | "trail">,
  id: string,
  hash: string,
  by: ActedBy,
  also?: (transaction: Kysely<AccountTables>) => Promise<void>,
): Promise<boolean> {
  return change(id, async (transaction) => {
    if (!(await directory.stands(transaction, id))) return false;
    await putPassword(transaction, id, hash, clock.now());
    await trail.record(transaction, doneTo("password.changed", id, by));
    await also?.(transaction);
    return true;
  });
}
