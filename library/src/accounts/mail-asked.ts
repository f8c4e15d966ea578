import { Fault, type Mail, type Origin, type Refusal, type SignInLimits } from "../contracts/index.ts";
import { normalizeEmail } from "./email.ts";
import { accountRefusals } from "./refusals.ts";

interface Asking {
  readonly email: unknown;
  readonly origin: Origin;
  readonly limits: SignInLimits;
  readonly mail: Mail;
}

/**
 * Somebody asks that a mail be sent to an address. All that depends on whether anybody has it happens later, in the errand:
 * the answer is the same, and takes the same time, for every address. Counted by the address of the mailbox and of the
 * client, apart from attempts to sign in, so that a flood of mails keeps nobody from signing in.
 */
export async function askByMail(
  { email, origin, limits, mail }: Asking,
  errand: (account: string) => Promise<void>,
): Promise<Refusal | undefined> {
  if (!mail.on) return accountRefusals["mail-off"]();
  const account = typeof email === "string" ? normalizeEmail(email) : undefined;
  if (account === undefined) return accountRefusals["email-invalid"]();
  // No address has a space in it, so this account is nobody's for signing in.
  const limited = await limits.admit({ account: `mail ${account}`, address: origin.address, device: undefined });
  if (limited !== undefined) return limited;
  requireRoom(mail.later(() => errand(account)));
  return undefined;
}

/** Where too many mails wait, nobody is told that one is on its way. */
export function requireRoom(taken: boolean): void {
  if (!taken) throw new Fault("LATCHKEY_MAIL_QUEUE_FULL", "Too many mails are waiting to be sent.", { retryAfterSeconds: 30 });
}
