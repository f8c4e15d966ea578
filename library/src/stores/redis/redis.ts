// The ephemeral port on Redis. Each verb is one command or one script, so no caller can race another. Whatever goes
// wrong is a Fault: a replay or one-time check that cannot be made must not pass.
import { Redis } from "ioredis";
import { type Clock, type Ephemeral, Fault, OptionFault, systemClock } from "../../contracts/index.ts";

export interface RedisOptions {
  /** What every key and channel begins with. Default `latchkey:`. */
  readonly prefix?: string;
  /** Longest wait for an answer, in milliseconds; then the verb rejects with a Fault. Default 2,000. */
  readonly timeoutMs?: number;
  readonly clock?: Clock;
  /** Told of lost connections, for a log. */
  readonly onFault?: (error: unknown) => void;
}

/** The window begins with the first call; giving back after its end must not leave a counter below zero. */
const incrementScript = `
if tonumber(ARGV[1]) < 0 and redis.call('EXISTS', KEYS[1]) == 0 then return {0, tonumber(ARGV[2])} end
local count = redis.call('INCRBY', KEYS[1], ARGV[1])
if count < 0 then redis.call('SET', KEYS[1], 0, 'KEEPTTL'); count = 0 end
local left = redis.call('PTTL', KEYS[1])
if left < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]); left = tonumber(ARGV[2]) end
return {count, left}`;

const replaceScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`;

/**
 * Ephemeral state on Redis, given by URL or as an ioredis client (which stays yours to close). A lost connection never
 * ends the process: until it is back, every verb rejects with a Fault.
 */
export function redis(connection: string | Redis, options: RedisOptions = {}): Ephemeral {
  const { prefix = "latchkey:", timeoutMs = 2_000, clock = systemClock, onFault = () => undefined } = options;
  const owned = typeof connection === "string";
  const client = owned ? connect(connection, timeoutMs) : connection;
  // Without a listener of its own, an `error` event would be printed or end the process.
  client.on("error", onFault);
  let feed: Redis | undefined;
  const listeners = new Map<string, Set<(message: string) => void>>();
  const run = <T>(command: Promise<T>): Promise<T> => bounded(command, timeoutMs);
  const named = (name: string): string => prefix + name;

  function subscriber(): Redis {
    if (feed !== undefined) return feed;
    feed = client.duplicate();
    feed.on("error", onFault);
    feed.on("message", (channel: string, message: string) => {
      for (const listener of listeners.get(channel) ?? []) listener(message);
    });
    return feed;
  }

  return {
    putIfAbsent: async (key, value, ttlMs) => (await run(client.set(named(key), value, "PX", ttlMs, "NX"))) === "OK",
    take: async (key) => (await run(client.getdel(named(key)))) ?? undefined,
    async increment(key, by, windowMs) {
      const answer = await run(client.eval(incrementScript, 1, named(key), by, windowMs));
      const [count, left] = answer as [number, number];
      return { count, resetAt: clock.now() + left };
    },
    get: async (key) => (await run(client.get(named(key)))) ?? undefined,
    put: async (key, value, ttlMs) => void (await run(client.set(named(key), value, "PX", ttlMs))),
    replace: async (key, expected, value, ttlMs) => (await run(client.eval(replaceScript, 1, named(key), expected, value, ttlMs))) === 1,
    remove: async (key) => void (await run(client.del(named(key)))),
    publish: async (channel, message) => void (await run(client.publish(named(channel), message))),
    async subscribe(channel, listener) {
      const name = named(channel);
      const heard = listeners.get(name) ?? new Set();
      listeners.set(name, heard.add(listener));
      const stop = (): void => {
        heard.delete(listener);
        if (heard.size > 0 || listeners.get(name) !== heard) return;
        listeners.delete(name);
        feed?.unsubscribe(name).catch(onFault);
      };
      try {
        await run(subscriber().subscribe(name));
      } catch (error) {
        stop();
        throw error;
      }
      return stop;
    },
    close() {
      feed?.disconnect();
      client.off("error", onFault);
      if (owned) {
        client.on("error", () => undefined);
        client.disconnect();
      }
    },
  };
}

function connect(url: string, timeoutMs: number): Redis {
  if (!/^rediss?:\/\//.test(url)) {
    throw new OptionFault("redis", {
      got: "a text of another form",
      allowed: "a redis:// or rediss:// URL, or a client",
      example: '"redis://localhost:6379"',
    });
  }
  // Not resent after a lost connection: a `take` or `putIfAbsent` that ran twice would refuse the one who won.
  return new Redis(url, { commandTimeout: timeoutMs, maxRetriesPerRequest: 0, autoResendUnfulfilledCommands: false });
}

async function bounded<T>(command: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${timeoutMs} ms.`)), timeoutMs);
  });
  try {
    return await Promise.race([command, late]);
  } catch (cause) {
    throw new Fault("LATCHKEY_STORE_UNAVAILABLE", "Redis did not answer.", { cause });
  } finally {
    clearTimeout(timer);
  }
}
