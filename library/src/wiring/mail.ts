import { createMail, type MailRoom } from "../mail/index.ts";
import { createSealer, deriveKeys } from "../primitives/index.ts";
import type { House } from "./house.ts";

/** Mails to people, in the name that the pages have. */
export function wireMail({ settings, trail }: House): MailRoom {
  const { store, clock, mail, pages, issuer, secrets, onFault } = settings;
  const sealer = createSealer(deriveKeys(secrets, "mail"));
  return createMail({ store, clock, trail, sealer, settings: mail, brand: pages?.name ?? new URL(issuer).host, issuer, onFault });
}
