import type { AuditTrail, Clock, Letter, Store } from "../contracts/index.ts";
import { newId, randomBelow, type Sealer, within } from "../primitives/index.ts";
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

export interface Sender {
  /** Whether no more mails should be asked for, as it was found at the last look. */
  readonly full: boolean;
  start(): void;
  /** Looks soon: the transaction in which a letter was put has ended by then. */
  wakeSoon(): void;
  /** Sends until nothing is due and nothing is under way. */
  drain(): Promise<void>;
  /** Begins nothing new, and resolves when what is under way has ended. */
  stop(): Promise<void>;
}

/** What a letter is sealed for. */
export const contextOf = (id: string): string => `mail ${id}`;

const second = 1_000;
const minute = 60 * second;
/** How long after each failed try the next one is made; the last one counts from there on. */
const pauses = [5 * second, 30 * second, 2 * minute, 5 * minute, 15 * minute, 60 * minute];
const pollMs = second;
const soonMs = 10;

/**
 * Sends what is in the outbox. Several processes share it by leases: who claimed a letter has twice the time of a try, then
 * another one may. So each letter is sent at least once, however often a process is killed, and twice only when one is
 * killed between the mail server's word and its own note of it.
 */
export function createSender(parts: SenderParts): Sender {
  const { store, clock, width = 4, timeoutMs = 60_000, most = 10_000 } = parts;
  const lease = newId("let", clock.now());
  const underWay = new Set<Promise<void>>();
  let claiming: Promise<number> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let soon: NodeJS.Timeout | undefined;
  let full = false;
  let stopped = false;

  async function claimMore(): Promise<number> {
    const room = width - underWay.size;
    const at = clock.now();
    if (stopped || room < 1) return 0;
    full = await moreThan(store.database<MailTables>(), most);
    if (!(await anyDue(store.database<MailTables>(), at))) return 0;
    const claim = { at, until: at + 2 * timeoutMs, lease, most: room };
    const rows = await store.write<MailTables, readonly MailRow[]>((transaction) => claimMails(transaction, claim));
    for (const row of rows) begin(row);
    return rows.length;
  }

  function begin(row: MailRow): void {
    const trying: Promise<void> = attempt(row)
      .catch(parts.onFault)
      .finally(() => {
        underWay.delete(trying);
        wake();
      });
    underWay.add(trying);
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
      const dueAt = clock.now() + pauseAfter(row.attempts);
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

  /** One claim at a time: two would take the same room for granted. */
  function claimOnce(): Promise<number> {
    claiming ??= claimMore().finally(() => (claiming = undefined));
    return claiming;
  }

  function wake(): void {
    if (!stopped) claimOnce().catch(parts.onFault);
  }

  return {
    get full() {
      return full;
    },
    start: () => void (timer = setInterval(wake, pollMs).unref()),
    wakeSoon: () => void (soon ??= setTimeout(() => ((soon = undefined), wake()), soonMs).unref()),
    async drain() {
      for (;;) {
        // A claim that is under way may have looked before the last letter was there.
        await claiming?.catch(() => undefined);
        const claimed = await claimOnce();
        if (underWay.size > 0) await Promise.race(underWay);
        else if (claimed === 0) return;
      }
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      clearTimeout(soon);
      await claiming?.catch(() => undefined);
      await Promise.all(underWay);
    },
  };
}

/** A fifth more or less, so that what failed together is not tried again together. */
function pauseAfter(attempts: number): number {
  const pause = pauses[Math.min(attempts, pauses.length) - 1]!;
  return Math.round((pause * (800 + randomBelow(401))) / 1_000);
}
