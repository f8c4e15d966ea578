import { type Clock, type Ephemeral, Fault, systemClock } from "../../contracts/index.ts";

export interface MemoryOptions {
  readonly clock?: Clock;
  /** Most entries held at once. Default 1,000,000. */
  readonly entries?: number;
  /** Most characters of keys and values held at once: about as many bytes. Default 512 Mi. */
  readonly characters?: number;
}

interface Entry {
  value: string;
  count: number;
  expiresAt: number;
}

/** How many old entries each write looks at, so that sweeping never takes long. */
const sweepStep = 4;

/**
 * The ephemeral port for one process. Every verb answers at once. When it is full and nothing has expired it refuses to
 * write with a Fault: forgetting a replay key before its time would let a replay in.
 */
export function memory(options: MemoryOptions = {}): Ephemeral {
  const clock = options.clock ?? systemClock;
  const mostEntries = options.entries ?? 1_000_000;
  const mostCharacters = options.characters ?? 512 * 1_024 * 1_024;
  let characters = 0;
  const entries = new Map<string, Entry>();
  const channels = new Map<string, Set<(message: string) => void>>();
  let sweeper = entries.entries();

  function live(key: string, at: number): Entry | undefined {
    const entry = entries.get(key);
    if (entry === undefined || at < entry.expiresAt) return entry;
    forget(key, entry);
    return undefined;
  }

  function forget(key: string, entry: Entry): void {
    if (entries.delete(key)) characters -= key.length + entry.value.length;
  }

  function sweep(at: number, steps: number): void {
    for (let step = 0; step < steps; step += 1) {
      const next = sweeper.next();
      if (next.done === true) {
        sweeper = entries.entries();
        return;
      }
      if (at >= next.value[1].expiresAt) forget(...next.value);
    }
  }

  function store(key: string, entry: Entry, at: number): void {
    sweep(at, sweepStep);
    if (!hasRoom(key, entry)) {
      sweep(at, 1_000);
      if (!hasRoom(key, entry))
        throw new Fault("LATCHKEY_STORE_BUSY", `The memory store is full: ${mostEntries} entries, or ${mostCharacters} characters.`);
    }
    characters += growth(key, entry);
    entries.set(key, entry);
  }

  function hasRoom(key: string, entry: Entry): boolean {
    return (entries.size < mostEntries || entries.has(key)) && characters + growth(key, entry) <= mostCharacters;
  }

  function growth(key: string, { value }: Entry): number {
    const before = entries.get(key);
    return before === undefined ? key.length + value.length : value.length - before.value.length;
  }

  return {
    putIfAbsent(key, value, ttlMs) {
      const at = clock.now();
      if (live(key, at) !== undefined) return false;
      store(key, { value, count: 0, expiresAt: at + ttlMs }, at);
      return true;
    },
    take(key) {
      const entry = live(key, clock.now());
      if (entry !== undefined) forget(key, entry);
      return entry?.value;
    },
    increment(key, by, windowMs) {
      const at = clock.now();
      const entry = live(key, at);
      if (entry === undefined) {
        const fresh = { value: "", count: Math.max(0, by), expiresAt: at + windowMs };
        store(key, fresh, at);
        return { count: fresh.count, resetAt: fresh.expiresAt };
      }
      entry.count = Math.max(0, entry.count + by);
      return { count: entry.count, resetAt: entry.expiresAt };
    },
    get: (key) => live(key, clock.now())?.value,
    put(key, value, ttlMs) {
      const at = clock.now();
      store(key, { value, count: 0, expiresAt: at + ttlMs }, at);
    },
    replace(key, expected, value, ttlMs) {
      const at = clock.now();
      const entry = live(key, at);
      if (entry === undefined || entry.value !== expected) return false;
      store(key, { value, count: 0, expiresAt: at + ttlMs }, at);
      return true;
    },
    remove(key) {
      const entry = entries.get(key);
      if (entry !== undefined) forget(key, entry);
    },
    publish(channel, message) {
      for (const listener of channels.get(channel) ?? []) listener(message);
    },
    subscribe(channel, listener) {
      const listeners = channels.get(channel) ?? new Set();
      channels.set(channel, listeners.add(listener));
      return () => void listeners.delete(listener);
    },
    close() {
      entries.clear();
      characters = 0;
    },
  };
}
