import { type ActedBy, OptionFault } from "../../contracts/index.ts";
import { newId } from "../../primitives/index.ts";
import { requireOwner } from "./issue.ts";
import type { KeyParts } from "./parts.ts";
import { type ApiKeyOptions, type ApiKeyRecord, keyRecord, keyRow } from "./record.ts";
import { type ApiKeyTables, insertKey, insertSecret } from "./table.ts";
import { told } from "./told.ts";

/** A key that was issued elsewhere and of which only the hash is known. */
export interface ImportedKey extends ApiKeyOptions {
  /** SHA-256 of the whole key: 64 hexadecimal digits. */
  readonly sha256: string;
  /** How the key begins, e.g. `sk_live_`; one of the configured imported prefixes. */
  readonly prefix: string;
  /** Its last four characters, if they were kept, so that people recognise it. */
  readonly lastFour?: string;
}

/** Takes over a key hashed elsewhere: it works from now on as it is. A UniqueViolation means that it is here already. */
export async function importApiKey(options: ImportedKey, by: ActedBy, parts: KeyParts): Promise<ApiKeyRecord> {
  const digest = digestOf(options.sha256);
  if (!parts.forms.importedPrefixes.includes(options.prefix)) {
    const configured = parts.forms.importedPrefixes.map((prefix) => JSON.stringify(prefix)).join(", ") || "none yet";
    throw new OptionFault("prefix", {
      got: options.prefix,
      allowed: `a prefix that is configured in apiKeys.importedPrefixes (${configured})`,
      example: '"sk_live_"',
    });
  }
  if (options.lastFour !== undefined && !/^[\x21-\x7e]{4}$/.test(options.lastFour)) {
    throw new OptionFault("lastFour", { got: options.lastFour, allowed: "four printable characters", example: '"x7Qa"' });
  }
  const at = parts.clock.now();
  const row = keyRow(options, newId("key", at), at, parts.checkAddresses);
  await requireOwner(row, parts);
  const hint = `${options.prefix}…${options.lastFour ?? ""}`;
  await parts.store.write<ApiKeyTables, void>(async (transaction) => {
    await insertKey(transaction, row);
    await insertSecret(transaction, { digest, key_id: row.id, hint, created_at: at, ends_at: null });
    await parts.trail.record(transaction, told("api-key.imported", row, by));
  });
  return keyRecord({ ...row, hint }, undefined);
}

function digestOf(hex: string): string {
  if (typeof hex !== "string" || !/^[0-9a-fA-F]{64}$/.test(hex)) {
    throw new OptionFault("sha256", {
      got: typeof hex === "string" ? { length: hex.length } : hex,
      allowed: "the SHA-256 of the key in 64 hexadecimal digits",
      example: '"2cf24d…"',
    });
  }
  return Buffer.from(hex, "hex").toString("base64url");
}
