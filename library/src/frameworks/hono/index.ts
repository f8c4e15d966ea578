/** `latchkey/hono`: the gate for Hono, on any runtime it runs on. */
export { guard } from "./guard.ts";
export { mount } from "./mount.ts";
export type { Runtime } from "./view.ts";
