/** The keys that tokens are signed with: made, sealed, rotated and published. Knows nothing of what is signed. */
export { signingKeyEndpoints } from "./endpoints.ts";
export { createSigningKeys, keysChanged, type SigningKeyParts, type SigningKeys } from "./signing-keys.ts";
export type { SigningKeyRecord, SigningKeyState } from "./stages.ts";
export { signingKeyTables } from "./table.ts";
