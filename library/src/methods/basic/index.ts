/** HTTP Basic (RFC 7617): a user and a password with every request. */
export { basicMethod } from "./method.ts";
export { type BasicOptions, type BasicSettings, readBasicOptions } from "./options.ts";
export { basicRefusals } from "./refusals.ts";
