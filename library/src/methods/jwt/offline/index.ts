/** `latchkey/jwt`: what a token says and what is wrong with it, in words, without asking anybody. For tools; the gate has its own way. */
export { type DecodedJwt, decodeJwt, type Finding } from "./decode.ts";
export { type ExpectedJwt, explainJwt, type JwtExplanation } from "./explain.ts";
export { fetchKeySet } from "./fetch-key-set.ts";
export { readKeys, readSigningKey } from "./keys.ts";
export { signJwt } from "./sign.ts";
export { spanText } from "./span-text.ts";
