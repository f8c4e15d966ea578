import type { MailMessage, MailOptions } from "latchkey";
import type { Configuration } from "./configuration/index.ts";

/**
 * Mails go to the configured SMTP server. Without one they are printed in development, where the reader is the only person
 * there is; elsewhere none is sent, and whoever asks for one is told so: a code in a production log would be an open door.
 */
export async function openMail({ values, development }: Configuration): Promise<MailOptions | undefined> {
  const { smtpUrl, mailFrom, signInByMail } = values;
  const said = { ...(mailFrom === undefined ? {} : { from: mailFrom }), signIn: signInByMail === "on" };
  if (smtpUrl !== undefined) return { ...(await import("latchkey/smtp")).smtp(smtpUrl), ...said };
  return development ? { send: printMail, ...said } : undefined;
}

function printMail({ from, to, subject, text }: MailMessage): void {
  const lines = [`From: ${from}`, `To: ${to}`, `Subject: ${subject}`, "", ...text.trimEnd().split("\n")];
  process.stdout.write(`\nA mail, printed because LATCHKEY_SMTP_URL is not set:\n${lines.map((line) => `  | ${line}`).join("\n")}\n\n`);
}
