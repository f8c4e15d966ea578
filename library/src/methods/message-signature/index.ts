/** `latchkey/message-signature`: requests that their sender signs (RFC 9421). */
export { type MessageAlgorithm, publicAlgorithms } from "./algorithms.ts";
export type { MessageKey } from "./keys.ts";
export { messageSignature, type MessageSignatureOptions } from "./method.ts";
export { messageSignatureRefusals } from "./refusals.ts";
export { type RequestToSign, signingFetch, type SignOptions, signRequest } from "./sign.ts";
