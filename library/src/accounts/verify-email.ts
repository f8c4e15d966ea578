import {
  type ActedBy,
  type Clock,
  isRefusal,
  type Mail,
  type Principal,
  type Refusal,
  type SignInLimits,
  type Store,
  UniqueViolation,
} from "../contracts/index.ts";
import type { AuditTrail } from "../contracts/index.ts";
import { doneTo } from "./act.ts";
import type { Change } from "./change.ts";
import { claimCode, type CodeRow, dropCodes, type MailedCodes, type NewCode } from "./codes/index.ts";
import type { Directory, User } from "./directory.ts";
import { normalizeEmail } from "./email.ts";
import { askByMail, requireRoom } from "./mail-asked.ts";
import { accountRefusals } from "./refusals.ts";

interface Asker {
  readonly principal: Principal;
  readonly by: ActedBy;
}

/** The e-mail address of an account: proved, and changed. Only ever by whoever is signed in to that account. */
export interface VerifyEmail {
  /** Mails a code to the address of the account. */
  ask(asker: Asker): Promise<Refusal | undefined>;
  /** Mails a code to another address, which is to replace it. Whether anybody has it nobody is told. */
  askChange(asker: Asker & { readonly email: unknown }): Promise<Refusal | undefined>;
  /**
   * Takes the code: the address it was mailed to is that of the account from then on, and proved. Only for the one who is
   * signed in to that account: the owner of an address who is sent a code for an account that a stranger made with it
   * cannot confirm that account by accident (account pre-hijacking).
   */
  prove(asker: Asker & { readonly code: unknown }): Promise<Refusal | undefined>;
}

export interface VerifyParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly limits: SignInLimits;
  readonly trail: AuditTrail;
  readonly change: Change;
  readonly codes: MailedCodes;
  readonly mail: Mail;
}

export function createVerifyEmail(parts: VerifyParts): VerifyEmail {
  const { directory, codes, limits, mail } = parts;
  const kept = directory.keepVerified !== undefined || directory.tellVerified !== undefined;

  async function personOf(principal: Principal): Promise<User | Refusal> {
    if (!mail.on) return accountRefusals["mail-off"]();
    if (!kept) return accountRefusals["email-elsewhere"]();
    const user = principal.kind === "user" ? await directory.find(principal.subject) : undefined;
    return user ?? accountRefusals["not-a-user"]();
  }

  async function prove({ principal, code, by }: Asker & { readonly code: unknown }): Promise<Refusal | undefined> {
    const user = await personOf(principal);
    if (isRefusal(user)) return user;
    const attempt = { account: `code ${user.id}`, address: by.origin?.address ?? "", device: undefined };
    const limited = await limits.admit(attempt);
    if (limited !== undefined) return limited;
    const row = await codes.find(code, ["verify", "confirm"]);
    const ofCurrent = row?.email_key === normalizeEmail(user.email);
    if (row === undefined || row.user_id !== user.id || (row.purpose === "verify" && !ofCurrent))
      return invalid(`no code in force for ${user.id}`, user, by);
    await limits.passed(attempt);
    return keep(user, row, by);
  }

  async function keep(user: User, row: CodeRow, by: ActedBy): Promise<Refusal | undefined> {
    const moved = row.email_key !== normalizeEmail(user.email);
    const entry = doneTo(moved ? "email.changed" : "email.verified", user.id, by);
    try {
      const done = await parts.change(user.id, async (transaction) => {
        if (!(await claimCode(transaction, row.digest, parts.clock.now()))) return false;
        if ((await directory.keepVerified?.(transaction, user.id, row.email, normalizeEmail(user.email) ?? "")) === false) return false;
        // What was mailed to the old address proves nothing about the new one.
        if (moved) await dropCodes(transaction, user.id);
        const old = normalizeEmail(user.email);
        if (moved && old !== undefined) await mail.put(transaction, user.id, { about: "email-changed", to: old, newEmail: row.email_key });
        await parts.trail.record(transaction, entry);
        return true;
      });
      if (!done) return invalid(`the code of ${user.id} was used a moment ago`, user, by);
    } catch (error) {
      if (error instanceof UniqueViolation)
        return accountRefusals["email-taken"]({ detail: `somebody else has the address that ${user.id} confirmed` });
      throw error;
    }
    if ((await directory.tellVerified?.(user.id, row.email)) === false) return accountRefusals["email-taken"]();
    return undefined;
  }

  function invalid(detail: string, user: User, by: ActedBy): Refusal {
    const refusal = accountRefusals["code-invalid"]({ detail });
    parts.trail.note({ ...doneTo("email.verified", user.id, by, detail), outcome: refusal.code });
    return refusal;
  }

  return {
    async ask({ principal, by }) {
      const user = await personOf(principal);
      if (isRefusal(user)) return user;
      if (user.emailVerified) return accountRefusals["email-verified"]();
      const limited = await limits.admit({ account: `mail ${user.id}`, address: by.origin?.address ?? "", device: undefined });
      if (limited !== undefined) return limited;
      const code = verificationOf(user);
      if (code !== undefined) requireRoom(mail.later(() => codes.send(code, by)));
      return undefined;
    },
    async askChange({ principal, email, by }) {
      const user = await personOf(principal);
      if (isRefusal(user)) return user;
      const origin = by.origin ?? { requestId: "", address: "", userAgent: undefined };
      return askByMail({ email, origin, limits, mail }, async (account) => {
        const holder = await directory.findByEmail(account);
        if (holder === undefined || holder.id === user.id)
          return codes.send({ purpose: "confirm", userId: user.id, email: email as string, emailKey: account }, by);
        await parts.store.write((transaction) => mail.put(transaction, holder.id, { about: "address-taken", to: account }));
      });
    },
    prove,
  };
}

/** The code that proves the address of a user; undefined for one of an app's own that has none to mail to. */
export function verificationOf({ id, email }: Pick<User, "id" | "email">): NewCode | undefined {
  const emailKey = normalizeEmail(email);
  return emailKey === undefined ? undefined : { purpose: "verify", userId: id, email, emailKey };
}
