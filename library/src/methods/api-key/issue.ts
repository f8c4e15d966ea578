import { type ActedBy, OptionFault } from "../../contracts/index.ts";
import { newId, newToken, sha256, tokenHint } from "../../primitives/index.ts";
import type { KeyParts } from "./parts.ts";
import { type ApiKeyOptions, type ApiKeyRecord, keyRecord, keyRow } from "./record.ts";
import { type ApiKeyTables, type ApiKeyRow, insertKey, insertSecret } from "./table.ts";
import { told } from "./told.ts";

/** The key itself is in this answer and nowhere else: only its SHA-256 is kept. */
export interface IssuedKey {
  readonly key: string;
  readonly record: ApiKeyRecord;
}

/** Makes a key. Throws an OptionFault for an option that cannot be used, an owner that does not exist included. */
export async function issueApiKey(options: ApiKeyOptions, by: ActedBy, parts: KeyParts): Promise<IssuedKey> {
  const { noLaterThan = Infinity } = options;
  const at = parts.clock.now();
  const row = keyRow(options, newId("key", at), at, parts.checkAddresses);
  if (row.expires_at !== null && row.expires_at > noLaterThan) {
    throw new OptionFault("expires", {
      got: options.expires,
      allowed: `at most until ${new Date(noLaterThan).toISOString()}, when the key that makes it ends`,
      example: '"1h"',
    });
  }
  await requireOwner(row, parts);
  const key = newToken({ prefix: parts.forms.prefix, environment: parts.environment });
  const hint = tokenHint(key);
  await parts.store.write<ApiKeyTables, void>(async (transaction) => {
    await insertKey(transaction, row);
    await insertSecret(transaction, { digest: sha256(key), key_id: row.id, hint, created_at: at, ends_at: null });
    await parts.trail.record(transaction, told("api-key.created", row, by));
  });
  return { key, record: keyRecord({ ...row, hint }, undefined) };
}

export async function requireOwner(row: ApiKeyRow, parts: KeyParts): Promise<void> {
  if (row.owner_kind === "service") return;
  const owner = await parts.ownerState(row.owner_id);
  if (owner.state !== "active")
    throw new OptionFault("owner", { got: row.owner_id, allowed: "an existing user or client that is not disabled", example: '"usr_…"' });
}
