import type { Mail } from "../contracts/index.ts";
import { createLetters } from "./letters.ts";
import type { MailSettings } from "./options.ts";
import { createOutbox } from "./outbox.ts";

interface MailParts {
  /** Undefined: no mail is sent. */
  readonly settings: MailSettings | undefined;
  readonly brand: string;
  readonly issuer: string;
  readonly onFault: (error: unknown) => void;
}

/** The mail room as the wiring holds it. */
export interface MailRoom extends Mail {
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** Puts letters, outbox and transport together. */
export function createMail({ settings, brand, issuer, onFault }: MailParts): MailRoom {
  if (settings === undefined) return { on: false, later: () => false, flush: async () => undefined, close: async () => undefined };
  const { transport, from } = settings;
  const write = createLetters({ brand, issuer, from });
  const outbox = createOutbox({ transport, onFault });
  return {
    on: true,
    later: (errand) =>
      outbox.post(async () => {
        const letter = await errand();
        return letter === undefined ? undefined : write(letter);
      }),
    flush: outbox.flush,
    async close() {
      await outbox.flush();
      await transport.close?.();
    },
  };
}
