/** API keys: section 2 of the guide. */
export { apiKeyEndpoints, manageKeysRule, publicRecord } from "./endpoints.ts";
export type { ImportedKey } from "./import.ts";
export type { LeakVerdict } from "./leak.ts";
export type { IssuedKey } from "./issue.ts";
export { type ApiKeys, apiKeyMethod, createApiKeys } from "./method.ts";
export type { KeyParts } from "./parts.ts";
export type { ApiKeyOptions, ApiKeyRecord, KeyOwner } from "./record.ts";
export { type KeyFormOptions, readKeyForms } from "./options.ts";
export { apiKeyQueryParameters, impossibleKey, type KeyForms, readApiKey } from "./read.ts";
export { keyStanding } from "./standing.ts";
export { apiKeyRefusals } from "./refusals.ts";
export type { RotateOptions } from "./rotate.ts";
export { apiKeyTables } from "./table.ts";
