import type { AuditTrail, Clock, Letter, Store } from "../contracts/index.ts";
import { type ClaimLoop, createClaimLoop, spread } from "../outbox/index.ts";
import { newId, type Sealer, within } from "../primitives/index.ts";
import { isPermanent, type MailMessage, type MailTransport } from "./message.ts";
import { anyDue, claimMails, type MailRow, type MailTables, moreThan, putBack, removeMail } from "./table.ts";

export interface SenderParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly sealer: Sealer;
  readonly trail: AuditTrail;
  readonly transport: MailTransport;
  readonly write: (letter: Letter) => MailMessage;
  readonly onFault: (error: unknown) => void;
  /** Letters on their way at a time. */
  readonly width?: number;
  /** How long the transport may take for one. */
  readonly timeoutMs?: number;
  /** With more than so many in the outbox, nobody may ask for another. */
  readonly most?: number;
}

export interface Sender extends ClaimLoop {
  /** Whether no more mails should be asked for, as it was found at the last look. */
  readonly full: boolean;
}

/** What a letter is sealed for. */
export const contextOf = (id: string): string => `mail ${id}`;

const second = 1_000;
const minute = 60 * second;
/** How long after each failed try the next one is made; the last one counts from there on. */
const pauses = [5 * second, 30 * second, 2 * minute, 5 * minute, 15 * minute, 60 * minute];
const pollMs = second;

/**
 * Sends what is in the outbox. Several processes share it by leases: who claimed a letter has twice the time of a try, then
 * another one may. So each letter is sent at least once, however often a process is killed, and twice only when one is
 * killed between the mail server's word and its own note of it.
 */
export function createSender(parts: SenderParts): Sender {
  const { store, clock, width = 4, timeoutMs = 60_000, most = 10_000 } = parts;
  const lease = newId("let", clock.now());
  let full = false;

  async function claim(room: number): Promise<readonly MailRow[]> {
    const at = clock.now();
    full = await moreThan(store.database<MailTables>(), most);
    if (!(await anyDue(store.database<MailTables>(), at))) return [];
    return store.write((transaction) => claimMails(transaction, { at, until: at + 2 * timeoutMs, lease, most: room }));
  }

  async function attempt(row: MailRow): Promise<void> {
    if (row.expires_at <= clock.now()) return giveUp(row, "its time was over");
    const opened = parts.sealer.open(row.letter, contextOf(row.id));
    if (opened === undefined) return giveUp(row, "it does not open under the configured master secrets");
    const message = written(opened);
    if (message === undefined) return giveUp(row, "it cannot be addressed");
    try {
      await within(timeoutMs, () => parts.transport.send(message));
    } catch (error) {
      parts.onFault(error);
      const dueAt = clock.now() + spread(pauses[Math.min(row.attempts, pauses.length) - 1]!);
      if (isPermanent(error)) return giveUp(row, "the mail server takes none for this address");
      if (dueAt >= row.expires_at) return giveUp(row, "it could not be sent in its time");
      return store.write<MailTables, void>((transaction) => putBack(transaction, row, dueAt));
    }
    await store.write<MailTables, boolean>((transaction) => removeMail(transaction, row));
  }

  function written(letter: string): MailMessage | undefined {
    try {
      return parts.write(JSON.parse(letter) as Letter);
    } catch (error) {
      parts.onFault(error);
      return undefined;
    }
  }

  /** What the transport said is left out: it may quote the letter. */
  async function giveUp(row: MailRow, why: string): Promise<void> {
    const detail = `${row.topic.split(" ")[0]}: ${why}, after ${row.attempts} tries`;
    await store.write<MailTables, void>(async (transaction) => {
      if (!(await removeMail(transaction, row))) return;
      await parts.trail.record(transaction, {
        action: "mail.given-up",
        outcome: "done",
        actor: undefined,
        method: undefined,
        origin: undefined,
        subject: row.user_id,
        credentialId: undefined,
        detail,
      });
    });
  }

  const loop = createClaimLoop({ claim, attempt, atOnce: width, pollMs, onFault: parts.onFault });
  return {
    ...loop,
    get full() {
      return full;
    },
  };
}
