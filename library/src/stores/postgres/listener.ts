import { Client, type ClientConfig } from "pg";
import { randomBelow } from "../../primitives/index.ts";

/** Hears what other nodes announce, on a connection of its own. */
export interface Listener {
  /** Calls back on each announcement, and after each pause in which one may have been missed; returns how to stop. */
  onCommit(callback: () => void): () => void;
  close(): Promise<void>;
}

interface ListenerOptions {
  readonly client: ClientConfig;
  readonly channel: string;
  readonly onFault: (error: unknown) => void;
}

const shortestPauseMs = 100;
const longestPauseMs = 2_000;

/** Connects when somebody first wants to hear; a lost connection is made again until the listener is closed. */
export function createListener({ client: config, channel, onFault }: ListenerOptions): Listener {
  const callbacks = new Set<() => void>();
  let client: Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let failures = 0;
  let closed = false;

  const tell = (): void => callbacks.forEach((callback) => callback());

  async function listen(): Promise<void> {
    const made = new Client(config);
    client = made;
    made.on("notification", tell);
    made.on("error", (error) => lost(made, error));
    made.on("end", () => lost(made, undefined));
    try {
      await made.connect();
      await made.query(`listen ${channel}`);
      failures = 0;
      tell();
    } catch (error) {
      lost(made, error);
    }
  }

  /** Comes by several ways for one connection, and counts once. */
  function lost(which: Client, error: unknown): void {
    if (client !== which) return;
    client = undefined;
    if (closed) return;
    if (error !== undefined) onFault(error);
    void which.end().catch(() => undefined);
    failures += 1;
    const pauseMs = Math.min(shortestPauseMs * 2 ** Math.min(failures, 10), longestPauseMs);
    // Half of it at random: all nodes lose a server at the same moment, and must not all come back at one.
    timer = setTimeout(() => void listen(), pauseMs / 2 + randomBelow(pauseMs / 2)).unref();
  }

  return {
    onCommit(callback) {
      callbacks.add(callback);
      if (client === undefined && timer === undefined && !closed) void listen();
      return () => void callbacks.delete(callback);
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await client?.end().catch(() => undefined);
    },
  };
}
