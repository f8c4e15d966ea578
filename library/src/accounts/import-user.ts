import { type ActedBy, type AuditTrail, type Clock, OptionFault, type Store, UniqueViolation } from "../contracts/index.ts";
import { newId } from "../primitives/index.ts";
import { doneTo } from "./act.ts";
import type { ImportedUser } from "./imports/index.ts";
import { hashProblem } from "./passwords/index.ts";
import type { AccountTables } from "./table.ts";
import { checkRoles, putPassword, putRoles, userRow } from "./user-row.ts";

/** `present`: somebody has this address here already, from an earlier run for one; nothing was changed. */
export type ImportOutcome = "imported" | "present";

interface ImportParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly trail: AuditTrail;
}

/** Takes over a user with the hash of the password. Throws an OptionFault, which never shows the hash, for what cannot be used. */
export async function importUser(given: ImportedUser, { store, clock, trail }: ImportParts, by: ActedBy): Promise<ImportOutcome> {
  const at = clock.now();
  const row = { ...userRow(given, newId("usr", at), at), disabled_at: given.disabled === true ? at : null };
  const roles = checkRoles(given.roles ?? []);
  const hash = checkHash(given.passwordHash);
  try {
    await store.write<AccountTables, void>(async (transaction) => {
      await transaction.insertInto("latchkey_user").values(row).execute();
      if (hash !== undefined) await putPassword(transaction, row.id, hash, at);
      await putRoles(transaction, row.id, roles, at);
      await trail.record(transaction, doneTo("user.imported", row.id, by));
    });
    return "imported";
  } catch (error) {
    if (error instanceof UniqueViolation) return "present";
    throw error;
  }
}

function checkHash(hash: string | undefined): string | undefined {
  if (hash === undefined) return undefined;
  const problem = typeof hash === "string" && hash.length <= 2_000 ? hashProblem(hash) : "no text of at most 2000 characters";
  if (problem === undefined) return hash;
  throw new OptionFault("passwordHash", {
    got: {},
    allowed: `bcrypt, or a PHC string of argon2, scrypt or PBKDF2; this is ${problem}`,
    example: '"$argon2id$…"',
  });
}
