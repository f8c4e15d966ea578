/** `latchkey/redis`: short-lived shared state on Redis or Valkey, through ioredis. */
export { redis, type RedisOptions } from "./redis.ts";
