/** One file a kind of credential: `mint…` makes it in any state through the real rooms. To add one, add a file. */
export { type ApiKeyState, mintApiKey, type MintApiKeyOptions, type MintedApiKey } from "./api-key.ts";
export type { MintedCredential } from "./minted.ts";
export { type MintedToken, mintToken, type MintTokenOptions, type TokenState } from "./token.ts";
export { mintUser } from "./user.ts";
