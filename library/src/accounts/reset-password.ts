import { type ActedBy, type Clock, isRefusal, type Mail, type Origin, type Refusal, type SignInLimits } from "../contracts/index.ts";
import type { AuditTrail } from "../contracts/index.ts";
import { sha256 } from "../primitives/index.ts";
import { byNobody, doneTo } from "./act.ts";
import type { Change } from "./change.ts";
import { claimCode, type CodeRow, dropCodes, type MailedCodes } from "./codes/index.ts";
import type { Directory, User } from "./directory.ts";
import { normalizeEmail } from "./email.ts";
import { askByMail } from "./mail-asked.ts";
import type { Passwords } from "./passwords/index.ts";
import { accountRefusals } from "./refusals.ts";
import { putPassword } from "./user-row.ts";

export interface PasswordReset {
  readonly code: unknown;
  readonly password: unknown;
  readonly origin: Origin;
}

/** A forgotten password, in two steps. */
export interface ResetPassword {
  /** Asks for a mail with a code. Undefined: it is on its way if somebody has this address; nobody is told which. */
  ask(claim: { readonly email: unknown; readonly origin: Origin }): Promise<Refusal | undefined>;
  /** Undefined: the new password is set, and everything that was begun before has ended. Nobody is signed in by it. */
  reset(claim: PasswordReset): Promise<Refusal | undefined>;
}

interface ResetParts {
  readonly clock: Clock;
  readonly directory: Directory;
  readonly passwords: Passwords;
  readonly limits: SignInLimits;
  readonly trail: AuditTrail;
  readonly change: Change;
  readonly codes: MailedCodes;
  readonly mail: Mail;
  /** The app keeps the passwords itself. */
  readonly elsewhere: boolean;
  /** Ends every session of the user. */
  readonly endSessions: (userId: string, by: ActedBy) => Promise<unknown>;
  /**
   * Ends what else was made in the account before anybody had proved the address: keys, connected identities. Whoever made it
   * need not be the owner of the address (account pre-hijacking).
   */
  readonly cleanse: (userId: string, by: ActedBy) => Promise<unknown>;
  /** Whether the person signed in with the password after this instant: then it was remembered, and the code is of no more use. */
  readonly signedInSince: (userId: string, at: number) => Promise<boolean>;
}

export function createResetPassword(parts: ResetParts): ResetPassword {
  const { directory, codes, limits } = parts;

  async function ask({ email, origin }: { readonly email: unknown; readonly origin: Origin }): Promise<Refusal | undefined> {
    if (parts.elsewhere) return accountRefusals["password-elsewhere"]();
    return askByMail({ email, origin, limits, mail: parts.mail }, async (account) => {
      const user = await directory.findByEmail(account);
      const by = { ...byNobody, origin };
      if (user === undefined || user.disabledAt !== undefined) {
        const outcome = user === undefined ? "unknown-address" : "user-disabled";
        parts.trail.note({ ...doneTo("mail-code.created", user?.id, by, "reset"), outcome });
        return;
      }
      await codes.send({ purpose: "reset", userId: user.id, email: user.email, emailKey: account }, by);
    });
  }

  async function reset({ code, password, origin }: PasswordReset): Promise<Refusal | undefined> {
    if (parts.elsewhere) return accountRefusals["password-elsewhere"]();
    // Nobody knows whose code it is before it is looked up: guesses are limited by address and altogether.
    const attempt = { account: `code ${typeof code === "string" ? sha256(code) : ""}`, address: origin.address, device: undefined };
    const limited = await limits.admit(attempt);
    if (limited !== undefined) return limited;
    const found = await owner(code);
    if (isRefusal(found)) {
      parts.trail.note({ ...doneTo("password.changed", undefined, { ...byNobody, origin }, found.detail), outcome: found.code });
      return found;
    }
    await limits.passed(attempt);
    const hash = await parts.passwords.choose(password, found.user.email);
    if (isRefusal(hash)) return hash;
    return store(found, hash, { actor: found.user.id, method: "mail-code", origin });
  }

  /** Whose code it is, if it is still good for that account. */
  async function owner(code: unknown): Promise<{ readonly user: User; readonly row: CodeRow } | Refusal> {
    const row = await codes.find(code, ["reset"]);
    if (row === undefined) return accountRefusals["code-invalid"]({ detail: "no code in force for a reset" });
    const user = await directory.find(row.user_id);
    if (user === undefined || user.disabledAt !== undefined || normalizeEmail(user.email) !== row.email_key)
      return accountRefusals["code-invalid"]({ detail: `${row.user_id} is gone, disabled, or has another address since` });
    if (await parts.signedInSince(user.id, row.created_at))
      return accountRefusals["code-invalid"]({ detail: `${user.id} signed in with the password since` });
    return { user, row };
  }

  async function store({ user, row }: { readonly user: User; readonly row: CodeRow }, hash: string, by: ActedBy) {
    const at = parts.clock.now();
    const done = await parts.change(user.id, async (transaction) => {
      if (!(await claimCode(transaction, row.digest, at)) || !(await directory.stands(transaction, user.id))) return false;
      if ((await directory.keepVerified?.(transaction, user.id, user.email, row.email_key)) === false) return false;
      await putPassword(transaction, user.id, hash, at);
      await dropCodes(transaction, user.id);
      await parts.mail.put(transaction, user.id, { about: "password-reset", to: row.email_key });
      await parts.trail.record(transaction, doneTo("password.changed", user.id, by, "by a code that was mailed"));
      return true;
    });
    if (!done) return accountRefusals["code-invalid"]({ detail: `the code of ${user.id} was used a moment ago` });
    await parts.endSessions(user.id, by);
    if (!user.emailVerified) {
      await directory.tellVerified?.(user.id, user.email);
      await parts.cleanse(user.id, by);
    }
    return undefined;
  }

  return { ask, reset };
}
