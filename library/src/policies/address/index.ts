/** Which client addresses may use a credential, and whose address it is behind proxies. */
export { addressMatcher } from "./matcher.ts";
export { addressPolicy, addressRefusals } from "./policy.ts";
export { clientAddressThrough } from "./client-address.ts";
export { type Transport, transportThrough } from "./transport.ts";
