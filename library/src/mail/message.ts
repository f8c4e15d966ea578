import type { MaybePromise } from "../contracts/index.ts";

/** One mail, ready for a transport. Nothing in it has a line break where a header stands. */
export interface MailMessage {
  /** A plain address. */
  readonly from: string;
  /** What stands before the address of the sender: the name of the brand. */
  readonly fromName: string;
  /** One plain address. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** What delivers mails: `smtp(url)` of latchkey/smtp, or a function over the API of a mail service. */
export interface MailTransport {
  /**
   * Resolves once the mail is somebody else's to deliver. What it throws goes to `onFault`, and the mail is tried again for as
   * long as it is of use; not when the error has `permanent: true`.
   */
  send(message: MailMessage): MaybePromise<void>;
  close?(): MaybePromise<void>;
}

/** Whether trying again would be of no use: the transport says so. */
export function isPermanent(error: unknown): boolean {
  return typeof error === "object" && error !== null && (error as { readonly permanent?: unknown }).permanent === true;
}
