import { within } from "../primitives/index.ts";
import type { MailMessage, MailTransport } from "./message.ts";

/** What waits to be sent. Lives in this process: what it holds when it is killed is lost, and people ask again. */
export interface Outbox {
  /** Runs the errand later and sends what it answers. False: too many wait. */
  post(errand: () => Promise<MailMessage | undefined>): boolean;
  /** Resolves once everything that waits now was sent or has failed. */
  flush(): Promise<void>;
}

interface OutboxParts {
  readonly transport: MailTransport;
  readonly onFault: (error: unknown) => void;
  /** Errands at a time. */
  readonly width?: number;
  /** Errands that may wait. */
  readonly most?: number;
  /** How long one may take. */
  readonly timeoutMs?: number;
}

export function createOutbox({ transport, onFault, width = 4, most = 1_000, timeoutMs = 60_000 }: OutboxParts): Outbox {
  const waiting: (() => Promise<MailMessage | undefined>)[] = [];
  const running = new Set<Promise<void>>();

  async function run(errand: () => Promise<MailMessage | undefined>): Promise<void> {
    try {
      await within(timeoutMs, async () => {
        const message = await errand();
        if (message !== undefined) await transport.send(message);
      });
    } catch (error) {
      onFault(error);
    }
  }

  function next(): void {
    while (running.size < width) {
      const errand = waiting.shift();
      if (errand === undefined) return;
      const done: Promise<void> = run(errand).then(() => {
        running.delete(done);
        next();
      });
      running.add(done);
    }
  }

  return {
    post(errand) {
      if (waiting.length >= most) return false;
      waiting.push(errand);
      // Begun after the answer of the request: an errand must not take its time.
      setImmediate(next);
      return true;
    },
    async flush() {
      for (next(); running.size > 0; next()) await Promise.all(running);
    },
  };
}
