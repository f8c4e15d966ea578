/** Mails to people: what they say, and an outbox that survives a kill on the way to whoever delivers them. Knows no user and no code. */
export { createErrands, type Errands } from "./errands.ts";
export { createLetters } from "./letters.ts";
export { createMail, type MailRoom } from "./mail.ts";
export type { MailMessage, MailTransport } from "./message.ts";
export { type MailOptions, type MailSettings, readMailOptions } from "./options.ts";
export { mailTables } from "./table.ts";
