/** What tokens can be bound to at the token endpoint: one file each, given to it as a list. */
export { certificateBinding } from "./certificate.ts";
export { dpopBinding, dpopError } from "./dpop.ts";
