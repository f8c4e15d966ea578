/** `latchkey/node`: the gate for node:http, and what adapters of frameworks that stand on it use. */
export { tellAnswered } from "./answered.ts";
export { guard, type GuardedRequest, type Handler } from "./guard.ts";
export { mount } from "./mount.ts";
export { NodeRequestView } from "./view.ts";
export { writeAnswer, writeFault } from "./write.ts";
