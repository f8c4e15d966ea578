/** `latchkey/smtp`: mails through an SMTP server, by the optional peer nodemailer. */
import { createTransport } from "nodemailer";
import { OptionFault } from "../../contracts/index.ts";
import type { MailTransport } from "../message.ts";

const connectMs = 10_000;
const idleMs = 30_000;

/**
 * Sends mails through an SMTP server: `smtps://user:password@mail.example.com` speaks TLS from the start (port 465),
 * `smtp://…` by STARTTLS (port 587), which is required unless the server is on loopback. Throws an OptionFault, which
 * never shows the URL.
 */
export function smtp(url: string): MailTransport {
  const given = typeof url === "string" && URL.canParse(url) ? new URL(url) : undefined;
  if (given === undefined || (given.protocol !== "smtp:" && given.protocol !== "smtps:") || given.hostname === "")
    throw new OptionFault("smtp", { got: {}, allowed: "an smtp:// or smtps:// URL", example: '"smtps://user:password@mail.example.com"' });
  const secure = given.protocol === "smtps:";
  const user = decodeURIComponent(given.username);
  const sender = createTransport({
    pool: true,
    maxConnections: 2,
    host: given.hostname.replace(/^\[|\]$/g, ""),
    port: given.port === "" ? (secure ? 465 : 587) : Number(given.port),
    secure,
    // In clear, a password or a code could be read on the way: the mail waits for nobody who cannot do TLS.
    requireTLS: !secure && !isLoopback(given.hostname),
    ...(user === "" ? {} : { auth: { user, pass: decodeURIComponent(given.password) } }),
    connectionTimeout: connectMs,
    greetingTimeout: connectMs,
    socketTimeout: idleMs,
    // A mail is what we say it is: no file and no URL is read to fill it.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send({ from, fromName, to, subject, text, html }) {
      // As an object an address is not parsed: nothing in it can become a second one.
      const mail = { from: { name: fromName, address: from }, to: { name: "", address: to }, subject, text, html };
      await sender.sendMail(mail).catch((error: Error) => {
        throw refusesMailbox(error) ? Object.assign(error, { permanent: true }) : error;
      });
    },
    close: () => sender.close(),
  };
}

/** A mailbox that is not there (RFC 5321 s.4.2.3). Other answers of 5xx, as to a sign-in, may be the operator's mistake. */
function refusesMailbox(error: Error): boolean {
  const { responseCode = 0, command } = error as Error & { readonly responseCode?: number; readonly command?: string };
  return command === "RCPT TO" && responseCode >= 550 && responseCode <= 553;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(\.\d+){3}$/.test(host);
}
