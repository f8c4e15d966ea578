import { OptionFault } from "../contracts/index.ts";
import type { MailTransport } from "./message.ts";

/** `mail` of the options: a transport, and what one may say of the mails. */
export interface MailOptions extends MailTransport {
  /** The sender. Default: `no-reply@` and the host of the issuer. */
  readonly from?: string;
  /** Whether people may sign in by a code that is mailed to them. Default: no. */
  readonly signIn?: boolean;
}

export interface MailSettings {
  readonly transport: MailTransport;
  readonly from: string;
  readonly signIn: boolean;
}

/** Checks the option; undefined: no mail is sent. Throws an OptionFault. */
export function readMailOptions(options: MailOptions | undefined, issuer: string): MailSettings | undefined {
  if (options === undefined) return undefined;
  if (typeof options?.send !== "function")
    throw new OptionFault("mail", {
      got: options,
      allowed: "an object with a function send",
      example: 'smtp("smtps://…") of latchkey/smtp',
    });
  const from = options.from ?? `no-reply@${new URL(issuer).hostname}`;
  if (typeof from !== "string" || !/^[^\s@<>,;"()\p{Cc}]{1,64}@[^\s@<>,;"()\p{Cc}]{1,190}$/u.test(from))
    throw new OptionFault("mail.from", { got: from, allowed: "a plain e-mail address", example: '"no-reply@example.com"' });
  const { signIn = false } = options;
  if (typeof signIn !== "boolean") throw new OptionFault("mail.signIn", { got: signIn, allowed: "true or false", example: "true" });
  return { transport: options, from, signIn };
}
