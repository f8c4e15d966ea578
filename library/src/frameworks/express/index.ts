/** `latchkey/express`: the gate for Express 5 and 4. It stands on node:http and imports nothing of Express. */
export { guard, type Middleware } from "./guard.ts";
export { mount } from "../node/index.ts";
export { type RequestSession, sessionData } from "./session-data.ts";
