import { type ActedBy, OptionFault } from "../../contracts/index.ts";
import { durationForm, newToken, parseDuration, sha256, tokenHint } from "../../primitives/index.ts";
import type { IssuedKey } from "./issue.ts";
import type { KeyParts } from "./parts.ts";
import { keyRecord } from "./record.ts";
import { endSecrets, insertSecret, listKeys } from "./table.ts";
import { told } from "./told.ts";

export interface RotateOptions {
  /** How long the old secret still works beside the new one. Default `"24h"`; `"0"` ends it at once. */
  readonly overlap?: string;
}

/**
 * Gives a key a new secret; everything else of it stays, its id included. The old secret works until the overlap is over,
 * so that what uses it can be changed without an outage. Undefined: there is no such key, or it is revoked.
 */
export async function rotateApiKey(id: string, options: RotateOptions, by: ActedBy, parts: KeyParts): Promise<IssuedKey | undefined> {
  const overlapMs = overlapOf(options.overlap);
  const [row] = await listKeys(parts.store, { id });
  if (row === undefined || row.revoked_at !== null) return undefined;
  const at = parts.clock.now();
  const key = newToken({ prefix: parts.forms.prefix, environment: parts.environment });
  const hint = tokenHint(key);
  await parts.change(id, async (transaction) => {
    await endSecrets(transaction, id, at + overlapMs);
    await insertSecret(transaction, { digest: sha256(key), key_id: id, hint, created_at: at, ends_at: null });
    await parts.trail.record(transaction, told("api-key.rotated", row, by));
    return true;
  });
  return { key, record: keyRecord({ ...row, hint }, undefined) };
}

function overlapOf(text: string | undefined): number {
  if (text === undefined) return 86_400_000;
  if (text === "0") return 0;
  const span = typeof text === "string" ? parseDuration(text) : undefined;
  if (span === undefined) throw new OptionFault("overlap", { got: text, allowed: `${durationForm}; or 0`, example: '"24h"' });
  return span;
}
