import type { Kysely } from "kysely";
import type { AuditTrail, Clock, Letter, Mail, Store } from "../contracts/index.ts";
import { newId, type Sealer, within } from "../primitives/index.ts";
import { createErrands } from "./errands.ts";
import { createLetters } from "./letters.ts";
import type { MailSettings } from "./options.ts";
import { contextOf, createSender } from "./sender.ts";
import { type MailTables, putMail } from "./table.ts";

interface MailParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly trail: AuditTrail;
  readonly sealer: Sealer;
  /** Undefined: no mail is sent. */
  readonly settings: MailSettings | undefined;
  readonly brand: string;
  readonly issuer: string;
  readonly onFault: (error: unknown) => void;
}

/** The mail room as the wiring holds it. */
export interface MailRoom extends Mail {
  /** Resolves once what waits was sent, or is to be tried again later. */
  flush(): Promise<void>;
  /** Sends what it can within seconds; what is left is sent after the next start, or by another node. */
  close(): Promise<void>;
}

/** A letter without a code tells of something that was done: it is worth telling for three days. */
const noticeMs = 3 * 86_400_000;
const lastSendingMs = 5_000;

/** Puts letters, outbox and transport together. */
export function createMail({ settings, brand, issuer, ...parts }: MailParts): MailRoom {
  if (settings === undefined)
    return { on: false, later: () => false, put: async () => undefined, flush: async () => undefined, close: async () => undefined };
  const { transport, from } = settings;
  const { clock, sealer, onFault } = parts;
  const errands = createErrands({ onFault });
  const sender = createSender({ ...parts, transport, write: createLetters({ brand, issuer, from }) });
  sender.start();

  async function put<Tables>(transaction: Kysely<Tables>, userId: string, letter: Letter): Promise<void> {
    const at = clock.now();
    const id = newId("let", at);
    await putMail(transaction as unknown as Kysely<MailTables>, {
      id,
      user_id: userId,
      topic: "code" in letter ? `${letter.about} ${userId}` : `${letter.about} ${id}`,
      letter: sealer.seal(JSON.stringify(letter), contextOf(id)),
      attempts: 0,
      due_at: at,
      lease: "",
      lease_until: 0,
      created_at: at,
      expires_at: at + ("code" in letter ? letter.minutes * 60_000 : noticeMs),
    });
    sender.wakeSoon();
  }

  async function flush(): Promise<void> {
    await errands.flush();
    await sender.drain();
  }

  return {
    on: true,
    later: (errand) => !sender.full && errands.post(errand),
    put,
    flush,
    async close() {
      await errands.flush();
      await within(lastSendingMs, () => sender.drain()).catch(() => undefined);
      await sender.stop();
      await transport.close?.();
    },
  };
}
