/** Mails to people: what they say, and a bounded way to whoever delivers them. Knows no user and no code. */
export { createLetters } from "./letters.ts";
export { createMail, type MailRoom } from "./mail.ts";
export type { MailMessage, MailTransport } from "./message.ts";
export { type MailOptions, type MailSettings, readMailOptions } from "./options.ts";
export { createOutbox, type Outbox } from "./outbox.ts";
