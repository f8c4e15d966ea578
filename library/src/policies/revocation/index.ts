/** The changes that make a verified answer stale, on this node and from others. */
export { type Changes, createChanges } from "./changes.ts";
export { changeTables, recordChange } from "./table.ts";
