/** Small pure pieces that everything else stands on. Each is the only place where its thing is done. */
export { addressBucket, type AddressRange, addressRangeForm, inAddressRanges, parseAddressRange } from "./address.ts";
export { sameSecret } from "./compare.ts";
export { deriveKey, type DerivedKey, deriveKeys } from "./derive.ts";
export { sha256 } from "./digest.ts";
export { durationForm, parseDuration } from "./duration.ts";
export { authorizationOf, isToken68, quote, splitAuthorization } from "./header.ts";
export { type IdPrefix, isId, newId, newRequestId } from "./id.ts";
export { instantText } from "./instant.ts";
export { newMasterSecret, randomBase62 } from "./random.ts";
export { parseRate, rateForm } from "./rate.ts";
export { isRoleName, isScopeToken, roleForm, scopeForm } from "./scope.ts";
export { Secret } from "./secret.ts";
export { inspectToken, newToken, type TokenFormat, tokenHint } from "./token.ts";
