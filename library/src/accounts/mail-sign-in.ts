import { isRefusal, type Clock, type Mail, type Origin, type Refusal, type SignInLimits, type Store } from "../contracts/index.ts";
import type { AuditTrail } from "../contracts/index.ts";
import { sameSecret, sha256 } from "../primitives/index.ts";
import { byNobody, doneTo } from "./act.ts";
import { claimCode, type CodeRow, type MailedCodes, type MailedCodeTables } from "./codes/index.ts";
import type { Directory, User } from "./directory.ts";
import { normalizeEmail } from "./email.ts";
import { askByMail } from "./mail-asked.ts";
import { accountRefusals } from "./refusals.ts";

/** Signing in by a code that is mailed, in place of a password. */
export interface MailSignIn {
  /**
   * Asks for a code, for this browser only: `browser` is a secret of its cookie. Undefined: it is on its way if somebody has
   * this address and has confirmed it; nobody is told which.
   */
  ask(claim: { readonly email: unknown; readonly browser: string; readonly origin: Origin }): Promise<Refusal | undefined>;
  /** Who it is, if this browser asked for the code. */
  prove(claim: { readonly code: unknown; readonly browser: string | undefined; readonly origin: Origin }): Promise<User | Refusal>;
}

interface MailSignInParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly limits: SignInLimits;
  readonly trail: AuditTrail;
  readonly codes: MailedCodes;
  readonly mail: Mail;
  /** Off unless the operator wants it: then whoever reads somebody's mail is that person here. */
  readonly on: boolean;
}

export function createMailSignIn(parts: MailSignInParts): MailSignIn {
  const { directory, codes, limits, clock } = parts;

  async function find(code: unknown, browser: string | undefined): Promise<{ readonly user: User; readonly row: CodeRow } | Refusal> {
    const row = await codes.find(code, ["sign-in"]);
    // A code that somebody talked its owner into telling is of no use in another browser.
    if (row === undefined || browser === undefined || !sameSecret(row.browser, sha256(browser)))
      return accountRefusals["code-invalid"]({ detail: "no code in force that this browser asked for" });
    const user = await directory.find(row.user_id);
    if (user === undefined || user.disabledAt !== undefined || normalizeEmail(user.email) !== row.email_key)
      return accountRefusals["code-invalid"]({ detail: `${row.user_id} is gone, disabled, or has another address since` });
    return { user, row };
  }

  async function prove(claim: Parameters<MailSignIn["prove"]>[0]): Promise<User | Refusal> {
    const found = await find(claim.code, claim.browser);
    if (isRefusal(found)) return found;
    const { user, row } = found;
    const won = await parts.store.write<MailedCodeTables, boolean>((transaction) => claimCode(transaction, row.digest, clock.now()));
    return won ? user : accountRefusals["code-invalid"]({ detail: `the code of ${user.id} was used a moment ago` });
  }

  return {
    async ask({ email, browser, origin }) {
      if (!parts.on) return accountRefusals["mail-sign-in-off"]();
      return askByMail({ email, origin, limits, mail: parts.mail }, async (account) => {
        const user = await directory.findByEmail(account);
        const by = { ...byNobody, origin };
        // An address that nobody confirmed may be a stranger's account with somebody else's address.
        if (user === undefined || user.disabledAt !== undefined || !user.emailVerified) {
          const outcome = user === undefined ? "unknown-address" : user.emailVerified ? "user-disabled" : "address-unconfirmed";
          parts.trail.note({ ...doneTo("mail-code.created", user?.id, by, "sign-in"), outcome });
          return;
        }
        await codes.send({ purpose: "sign-in", userId: user.id, email: user.email, emailKey: account, browser: sha256(browser) }, by);
      });
    },
    async prove(claim) {
      if (!parts.on) return accountRefusals["mail-sign-in-off"]();
      const account = `code ${typeof claim.code === "string" ? sha256(claim.code) : ""}`;
      const attempt = { account, address: claim.origin.address, device: undefined };
      const limited = await limits.admit(attempt);
      if (limited !== undefined) return limited;
      const user = await prove(claim);
      if (!isRefusal(user)) {
        await limits.passed(attempt);
        return user;
      }
      const entry = { ...doneTo("sign-in.refused", undefined, { ...byNobody, method: "mail-code", origin: claim.origin }, user.detail) };
      parts.trail.note({ ...entry, outcome: user.code });
      return user;
    },
  };
}
