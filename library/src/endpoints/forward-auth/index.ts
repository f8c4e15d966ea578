/** `ANY /forward-auth`: the gate for APIs in any language, asked by the proxy in front of them. */
export { createForwardAuth, type ForwardAuth } from "./forward-auth.ts";
export { type ForwardAuthOptions, type ForwardAuthSettings, readForwardAuthOptions } from "./options.ts";
export { forwardAuthRefusals } from "./refusals.ts";
