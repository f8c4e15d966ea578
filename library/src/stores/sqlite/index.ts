/** `latchkey/sqlite`: durable state in one file, embedded. */
export type { SqliteHandle } from "./driver.ts";
export { sqlite } from "./sqlite.ts";
