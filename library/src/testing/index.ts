/** `latchkey/testing`: the kit with which users test their own API, and we ours. Not for production: see `actAs`. */
export { actAs, type PretendedLatchkey } from "./act-as.ts";
export { type TestClock, testClock } from "./clock.ts";
export {
  type ApiKeyState,
  mintApiKey,
  type MintApiKeyOptions,
  type MintedApiKey,
  type MintedCredential,
  type MintedToken,
  mintToken,
  type MintTokenOptions,
  mintUser,
  type TokenState,
} from "./credentials/index.ts";
export { type TestLatchkey, testLatchkey, type TestLatchkeyOptions } from "./gate.ts";
export { apiKeyHeader, basicHeader, bearerHeader, type Headers } from "./headers.ts";
export { testPrincipal } from "./principal.ts";
export { testRequest, type TestRequestOptions } from "./request.ts";
