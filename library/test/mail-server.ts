// A real SMTP server on loopback, and what arrived at it.
import type { AddressInfo } from "node:net";
import { type ParsedMail, simpleParser } from "mailparser";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

export interface ReceivedMail extends ParsedMail {
  /** The envelope: where it really goes, whatever the headers say. */
  readonly recipients: readonly string[];
  readonly sender: string;
  readonly secure: boolean;
  readonly user: string | undefined;
  readonly code: string;
}

export interface MailServer {
  /** `smtp://127.0.0.1:PORT`. */
  readonly url: string;
  readonly mails: ReceivedMail[];
  close(): Promise<void>;
}

export async function mailServer(options: SMTPServerOptions = {}): Promise<MailServer> {
  const mails: ReceivedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData(stream, session, done) {
      simpleParser(stream).then((parsed) => {
        mails.push({
          ...parsed,
          recipients: session.envelope.rcptTo.map(({ address }) => address),
          sender: session.envelope.mailFrom === false ? "" : session.envelope.mailFrom.address,
          secure: session.secure,
          user: session.user as string | undefined,
          code: codeIn(parsed.text ?? ""),
        });
        done();
      }, done);
    },
    ...options,
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** The code in a mail, as a person would copy it; "": there is none. */
export function codeIn(text: string): string {
  return /^\s*([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})\s*$/m.exec(text)?.[1] ?? "";
}
