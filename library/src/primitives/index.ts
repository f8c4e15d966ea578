/** Small pure pieces that everything else stands on. Each is the only place where its thing is done. */
export { addressBucket, type AddressRange, addressRangeForm, addressReach, inAddressRanges, parseAddressRange } from "./address.ts";
export { decodeBase64url } from "./base64url.ts";
export { sameBytes, sameSecret } from "./compare.ts";
export { compiledOnce, insertOnce, type OneRowQuery } from "./compiled-once.ts";
export { clearCookie, cookieForm, type CookieForm, readCookie, writeCookie } from "./cookie.ts";
export { within } from "./deadline.ts";
export { deriveKey, type DerivedKey, deriveKeys, expandToken } from "./derive.ts";
export { keyedSha256, sha256 } from "./digest.ts";
export { parseDistinguishedName, subjectParts } from "./distinguished-name.ts";
export { durationForm, durationText, parseDuration, secondsUntil } from "./duration.ts";
export { escapeHtml } from "./escape-html.ts";
export { authorizationOf, isToken68, quote, readBearer, splitAuthorization } from "./header.ts";
export { type IdPrefix, isId, newId, newRequestId } from "./id.ts";
export { instantText } from "./instant.ts";
export { type JsonObject, parseJsonObject } from "./json.ts";
export { jwkThumbprint } from "./jwk-thumbprint.ts";
export {
  createJwsHeaders,
  type JwsHeader,
  type JwsHeaders,
  type JwsProblem,
  longestJws,
  readJws,
  signJws,
  type UnverifiedJws,
  verifyJws,
} from "./jws.ts";
export {
  isJwsAlgorithm,
  isSymmetric,
  type JwsAlgorithm,
  jwsAlgorithms,
  type SigningKey,
  signingKey,
  type VerificationKey,
  verificationKey,
} from "./jws-keys.ts";
export { createRandomPool, newMasterSecret, randomBase62, randomBelow, randomOctets, type RandomSource } from "./random.ts";
export { parseRate, rateForm } from "./rate.ts";
export { recentlyUsed } from "./recently-used.ts";
export { isRoleName, isScopeToken, roleForm, scopeForm } from "./scope.ts";
export { scrub } from "./scrub.ts";
export { knownSample } from "./known-sample.ts";
export { createSealer, type Sealer } from "./seal.ts";
export { Secret } from "./secret.ts";
export {
  type BareItem,
  type InnerList,
  type Item,
  type Member,
  type Parameters,
  readDictionary,
  writeMember,
  writeParameters,
} from "./structured-fields.ts";
export { inspectToken, newToken, type TokenFormat, tokenHint } from "./token.ts";
