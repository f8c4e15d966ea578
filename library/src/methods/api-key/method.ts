import type { ActedBy, AddressMatcher, Method } from "../../contracts/index.ts";
import { type ImportedKey, importApiKey } from "./import.ts";
import { type IssuedKey, issueApiKey } from "./issue.ts";
import type { KeyParts } from "./parts.ts";
import { apiKeyQueryParameters, readApiKey } from "./read.ts";
import { type ApiKeyOptions, type ApiKeyRecord, keyRecord } from "./record.ts";
import { type LeakVerdict, reportLeak } from "./leak.ts";
import { revokeApiKey } from "./revoke.ts";
import { type RotateOptions, rotateApiKey } from "./rotate.ts";
import { findByDigest, listKeys } from "./table.ts";
import { byNobody } from "./told.ts";
import { verifyApiKey } from "./verify.ts";

/** `auth.apiKeys`. `by` says who does it, for the audit; left out: the program itself. */
export interface ApiKeys {
  /** Makes a key; it is shown in this answer only. */
  issue(options: ApiKeyOptions, by?: ActedBy): Promise<IssuedKey>;
  /** Takes over a key of which only the SHA-256 is known. */
  import(options: ImportedKey, by?: ActedBy): Promise<ApiKeyRecord>;
  /** Newest first, at most `limit` (100); `before` is the id to go on from. */
  list(filter?: { readonly owner?: string; readonly limit?: number; readonly before?: string }): Promise<readonly ApiKeyRecord[]>;
  find(id: string): Promise<ApiKeyRecord | undefined>;
  /** A new secret under the same id; undefined when there is no such key in force. */
  rotate(id: string, options?: RotateOptions, by?: ActedBy): Promise<IssuedKey | undefined>;
  /** False when there was nothing to revoke. */
  revoke(id: string, by?: ActedBy): Promise<boolean>;
  /** Revokes a key that was found where others can read it (`where`: a URL, for the audit), and says what came of it. */
  reportLeak(key: string, where?: string, by?: ActedBy): Promise<LeakVerdict>;
}

export function createApiKeys(parts: KeyParts): ApiKeys {
  const list = async (filter: Parameters<typeof listKeys>[1]) => {
    const rows = await listKeys(parts.store, filter);
    const uses = await parts.lastUses(rows.map((row) => row.id));
    return rows.map((row) => keyRecord(row, uses.get(row.id)));
  };
  return {
    issue: (options, by = byNobody) => issueApiKey(options, by, parts),
    import: (options, by = byNobody) => importApiKey(options, by, parts),
    list: (filter = {}) => list({ ownerId: filter.owner, limit: Math.min(Math.max(filter.limit ?? 100, 1), 1_000), before: filter.before }),
    find: async (id) => (await list({ id }))[0],
    rotate: (id, options = {}, by = byNobody) => rotateApiKey(id, options, by, parts),
    revoke: (id, by = byNobody) => revokeApiKey(id, by, parts),
    reportLeak: (key, where, by = byNobody) => reportLeak(key, where, by, parts),
  };
}

/** The gate's side of API keys. */
export function apiKeyMethod(
  parts: KeyParts & { readonly addresses: (list: readonly string[]) => AddressMatcher; readonly cacheMs: number },
): Method {
  const verifyParts = {
    forms: parts.forms,
    find: findByDigest(parts.store),
    ownerState: parts.ownerState,
    addresses: parts.addresses,
    cacheMs: parts.cacheMs,
  };
  return {
    name: "api-key",
    ambient: false,
    reusable: true,
    queryParameters: apiKeyQueryParameters,
    read: (view) => readApiKey(view, parts.forms),
    verify: (credential, attempt) => verifyApiKey(credential, attempt, verifyParts),
    // There is no registered scheme of its own; a key is accepted as a bearer token (RFC 6750).
    challenge: () => ({ scheme: "Bearer", parameters: { realm: "api" } }),
  };
}
