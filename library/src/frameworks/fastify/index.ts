/** `latchkey/fastify`: the gate for Fastify 5, as a hook of a route and as a plugin. */
export { guard } from "./guard.ts";
export { mount } from "./mount.ts";
