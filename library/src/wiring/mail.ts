import { createMail, type MailRoom } from "../mail/index.ts";
import type { Settings } from "../options.ts";

/** Mails to people, in the name that the pages have. */
export function wireMail({ mail, pages, issuer, onFault }: Settings): MailRoom {
  return createMail({ settings: mail, brand: pages?.name ?? new URL(issuer).host, issuer, onFault });
}
