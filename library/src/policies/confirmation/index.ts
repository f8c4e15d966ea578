/** Tokens that are bound to a key or certificate: each request proves it, however well the token is known. */
export { type ConfirmationProof, confirmationPolicy } from "./policy.ts";
