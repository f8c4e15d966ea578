/** The HTTP surface of an embedded Latchkey: which endpoint a request is for, who may call it, and the answer. */
export {
  createForwardAuth,
  type ForwardAuth,
  type ForwardAuthOptions,
  forwardAuthRefusals,
  type ForwardAuthSettings,
  readForwardAuthOptions,
} from "./forward-auth/index.ts";
export { createRouter, type Router } from "./router.ts";
export { principalJson, whoamiEndpoint } from "./whoami.ts";
