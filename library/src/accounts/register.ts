import type { Kysely } from "kysely";
import {
  type AuditTrail,
  type Clock,
  isRefusal,
  type Mail,
  type Origin,
  type Refusal,
  type SignInLimits,
  type Store,
  UniqueViolation,
} from "../contracts/index.ts";
import { newId } from "../primitives/index.ts";
import { byNobody, doneTo } from "./act.ts";
import { dropCodes, type MailedCodes } from "./codes/index.ts";
import type { Directory, User } from "./directory.ts";
import { normalizeEmail } from "./email.ts";
import { type Passwords, passwordRefusals } from "./passwords/index.ts";
import { accountRefusals } from "./refusals.ts";
import type { AccountTables } from "./table.ts";
import { putPassword, userRow } from "./user-row.ts";
import { verificationOf } from "./verify-email.ts";

export interface RegistrationClaim {
  readonly email: unknown;
  readonly password: unknown;
  readonly origin: Origin;
}

/** Undefined: whoever it was may now sign in with what was sent, unless the address was taken before. */
export type Register = (claim: RegistrationClaim) => Promise<Refusal | undefined>;

interface RegisterParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly passwords: Passwords;
  readonly limits: SignInLimits;
  readonly trail: AuditTrail;
  readonly signUp: boolean;
  /** Makes the user in an app's own table; undefined: in ours. */
  readonly createElsewhere: ((email: string) => Promise<User>) | undefined;
  readonly codes: MailedCodes;
  readonly mail: Mail;
}

/**
 * Makes a user of an address and a password. An address that somebody has is answered like a free one: as much is checked,
 * hashed and written for both, the user who is there is left alone, and a mail is sent to both: only who reads the mail of
 * the address learns which it was.
 */
export function createRegister(parts: RegisterParts): Register {
  const { passwords, limits } = parts;
  return async ({ email, password, origin }) => {
    if (!parts.signUp) return accountRefusals["sign-up-off"]();
    if (typeof email !== "string" || typeof password !== "string") return passwordRefusals.malformed();
    const account = normalizeEmail(email);
    if (account === undefined) return accountRefusals["email-invalid"]();
    const attempt = { account, address: origin.address, device: undefined };
    const limited = await limits.admit(attempt);
    if (isRefusal(limited)) return limited;
    const hash = await passwords.choose(password, email);
    // An app is asked by the normal form later, so that is what it is told.
    if (!isRefusal(hash)) return keepUser(parts, parts.createElsewhere === undefined ? email : account, hash, origin);
    // Choosing another password is no attempt at anything.
    await limits.passed(attempt);
    return hash;
  };
}

async function keepUser(parts: RegisterParts, email: string, hash: string, origin: Origin): Promise<undefined> {
  await (parts.createElsewhere === undefined ? keep(parts, email, hash, origin) : keepElsewhere(parts, email, hash, origin));
  return undefined;
}

/** The mail of a registration, in its transaction: as many statements for an address that somebody has as for a free one. */
async function tell(
  { codes, mail, trail }: RegisterParts,
  transaction: Kysely<AccountTables>,
  user: Pick<User, "id" | "email">,
  { taken, origin }: { readonly taken: boolean; readonly origin: Origin },
): Promise<void> {
  const code = mail.on ? verificationOf(user) : undefined;
  if (code === undefined) return;
  const by = { ...byNobody, origin };
  if (!taken) return codes.put(transaction, code, by);
  // Where a free address has a code made, nobody's is taken back.
  await dropCodes(transaction, "");
  await mail.put(transaction, user.id, { about: "address-taken", to: code.emailKey });
  await trail.record(transaction, { ...doneTo("mail-code.created", user.id, by, "verify"), outcome: "address-taken" });
}

async function keep(parts: RegisterParts, email: string, hash: string, origin: Origin): Promise<void> {
  const { store, clock, trail } = parts;
  const at = clock.now();
  const row = userRow({ email }, newId("usr", at), at);
  const by = { actor: row.id, method: "password", origin };
  try {
    await store.write<AccountTables, void>(async (transaction) => {
      const query = transaction.selectFrom("latchkey_user").select("id").where("email_key", "=", row.email_key);
      const taken = await query.executeTakeFirst();
      if (taken !== undefined) {
        // Written like a success, so that the disk, or a database across a network, takes as long.
        await dropCodes(transaction, "");
        await dropCodes(transaction, "");
        await trail.record(transaction, { ...doneTo("user.created", taken.id, { ...by, actor: undefined }), outcome: "address-taken" });
        return tell(parts, transaction, { id: taken.id, email }, { taken: true, origin });
      }
      await transaction.insertInto("latchkey_user").values(row).execute();
      await putPassword(transaction, row.id, hash, at);
      await trail.record(transaction, doneTo("user.created", row.id, by));
      await tell(parts, transaction, row, { taken: false, origin });
    });
  } catch (error) {
    // Two at once: the other one has it now.
    if (!(error instanceof UniqueViolation)) throw error;
  }
}

async function keepElsewhere(parts: RegisterParts, email: string, hash: string, origin: Origin): Promise<void> {
  const { store, clock, trail, directory, createElsewhere } = parts;
  const taken = await directory.findByEmail(email);
  const user = taken ?? (await createElsewhere!(email));
  await store.write<AccountTables, void>(async (transaction) => {
    const entry = doneTo("user.created", user.id, { actor: undefined, method: "password", origin });
    if (taken === undefined) await putPassword(transaction, user.id, hash, clock.now());
    await trail.record(transaction, taken === undefined ? entry : { ...entry, outcome: "address-taken" });
    await tell(parts, transaction, user, { taken: taken !== undefined, origin });
  });
}
