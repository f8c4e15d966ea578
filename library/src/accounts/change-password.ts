import {
  type ActedBy,
  type Clock,
  Fault,
  isRefusal,
  type Mail,
  type Principal,
  type Refusal,
  type SignInLimits,
} from "../contracts/index.ts";
import type { AuditTrail } from "../contracts/index.ts";
import type { Change } from "./change.ts";
import type { Directory } from "./directory.ts";
import { normalizeEmail } from "./email.ts";
import { type Passwords, passwordRefusals } from "./passwords/index.ts";
import { accountRefusals } from "./refusals.ts";
import { storePassword } from "./users.ts";

export interface PasswordChange {
  readonly principal: Principal;
  readonly current: unknown;
  readonly next: unknown;
  readonly by: ActedBy;
}

/** Undefined: done, and what was begun with the old password is stale. Ending sessions is for the caller. */
export type ChangePassword = (change: PasswordChange) => Promise<Refusal | undefined>;

interface ChangePasswordParts {
  readonly clock: Clock;
  readonly directory: Directory;
  readonly passwords: Passwords;
  readonly limits: SignInLimits;
  readonly trail: AuditTrail;
  readonly change: Change;
  readonly mail: Mail;
  /** The app keeps the passwords itself. */
  readonly elsewhere: boolean;
}

/**
 * A person's own new password. The current one is asked for even in a session, which somebody may have left open, and a
 * wrong one counts like a wrong sign-in.
 */
export function createChangePassword(parts: ChangePasswordParts): ChangePassword {
  const { directory, passwords, limits, trail } = parts;
  return async ({ principal, current, next, by }) => {
    if (principal.kind !== "user") return accountRefusals["not-a-user"]();
    if (parts.elsewhere) return accountRefusals["password-elsewhere"]();
    const user = await directory.find(principal.subject);
    if (user === undefined) return accountRefusals["not-a-user"]();
    const attempt = { account: normalizeEmail(user.email) ?? user.id, address: by.origin?.address ?? "", device: undefined };
    const limited = await limits.admit(attempt);
    if (isRefusal(limited)) return limited;
    if (!(await isCurrent(user.id, current, () => limits.passed(attempt)))) {
      const refusal = passwordRefusals.wrong({ detail: `the current password of ${user.id} is another one` });
      const { code, detail } = refusal;
      trail.note({ ...by, action: "sign-in.refused", outcome: code, subject: user.id, credentialId: principal.credentialId, detail });
      return refusal;
    }
    await limits.passed(attempt);
    const hash = await passwords.choose(next, user.email);
    if (isRefusal(hash)) return hash;
    const to = normalizeEmail(user.email);
    const stored = await storePassword(parts, user.id, hash, by, async (transaction) => {
      if (to !== undefined) await parts.mail.put(transaction, user.id, { about: "password-changed", to });
    });
    return stored ? undefined : accountRefusals["not-a-user"]();
  };

  async function isCurrent(userId: string, current: unknown, giveBack: () => unknown): Promise<boolean> {
    try {
      return await passwords.isRight(userId, current);
    } catch (error) {
      // See sign-in: nobody looked at it.
      if (error instanceof Fault && error.code === "LATCHKEY_PASSWORD_QUEUE_FULL") await giveBack();
      throw error;
    }
  }
}
