/** Ephemeral state in the memory of one process: bounded, synchronous, expired by the clock. */
export { memory, type MemoryOptions } from "./memory.ts";
