import type { ApiKeyOptions, ApiKeyRecord } from "../../methods/api-key/index.ts";
import { newToken } from "../../primitives/index.ts";
import type { TestLatchkey } from "../gate.ts";
import { apiKeyHeader, bearerHeader } from "../headers.ts";
import type { MintedCredential } from "./minted.ts";
import { mintUser } from "./user.ts";

/** The states of a key, each with what the guard makes of it. */
const outcomes = {
  valid: "allowed",
  expired: "api-key.expired",
  revoked: "api-key.revoked",
  /** Rotated, and the overlap is over. */
  replaced: "api-key.replaced",
  /** One character is wrong, and so the checksum. */
  damaged: "api-key.damaged",
  /** Well formed, never issued. */
  unknown: "api-key.unknown",
  "owner-disabled": "api-key.owner-disabled",
  "owner-gone": "api-key.owner-gone",
  /** Its allow-list holds an address of documentation (RFC 5737) only. */
  "foreign-address": "address.not-allowed",
} as const;

export type ApiKeyState = keyof typeof outcomes;

export interface MintApiKeyOptions extends Partial<ApiKeyOptions> {
  /** Default `valid`. */
  readonly state?: ApiKeyState;
  /** The header it is sent in. Default `x-api-key`. */
  readonly by?: "x-api-key" | "bearer";
}

export interface MintedApiKey extends MintedCredential {
  readonly key: string;
  /** What `auth.apiKeys` knew of it when it was issued; a key that is unknown has the record of another. */
  readonly record: ApiKeyRecord;
}

/**
 * An API key in any state, in one line:
 *
 *     const { headers } = await mintApiKey(auth, { state: "expired", scopes: ["posts:read"] });
 */
export async function mintApiKey(auth: TestLatchkey, options: MintApiKeyOptions = {}): Promise<MintedApiKey> {
  const { state = "valid", by = "x-api-key", ...wanted } = options;
  const issued = await auth.apiKeys.issue({ name: "test", ...wanted, ...(await neededFor(state, auth)) });
  const key = await brought(issued, state, auth);
  return { key, record: issued.record, headers: by === "bearer" ? bearerHeader(key) : apiKeyHeader(key), outcome: outcomes[state] };
}

async function neededFor(state: ApiKeyState, auth: TestLatchkey): Promise<Partial<ApiKeyOptions>> {
  if (state === "owner-disabled" || state === "owner-gone") return { owner: (await mintUser(auth)).id };
  return state === "foreign-address" ? { allowedAddresses: ["192.0.2.1"] } : {};
}

/** Brings a key that was just issued into the state. */
async function brought(
  { key, record }: { readonly key: string; readonly record: ApiKeyRecord },
  state: ApiKeyState,
  auth: TestLatchkey,
): Promise<string> {
  if (state === "expired") await backdate(record.id, auth);
  if (state === "revoked") await auth.apiKeys.revoke(record.id);
  if (state === "replaced") await auth.apiKeys.rotate(record.id, { overlap: "0" });
  if (state === "owner-disabled") await auth.users.disable(record.owner.id);
  if (state === "owner-gone") await auth.users.delete(record.owner.id);
  if (state === "damaged") return key.slice(0, -1) + (key.endsWith("A") ? "B" : "A");
  if (state === "unknown")
    return newToken({ prefix: auth.options.apiKeys?.prefix ?? "lk", environment: auth.options.environment ?? "live" });
  return key;
}

/** No room issues a key in the past, so the row is changed; nobody has verified it yet. */
function backdate(id: string, auth: TestLatchkey): Promise<unknown> {
  type Rows = { latchkey_api_key: { id: string; expires_at: number | null } };
  const expired = { expires_at: auth.clock.now() - 1 };
  return auth.store.write<Rows, unknown>((rows) => rows.updateTable("latchkey_api_key").set(expired).where("id", "=", id).execute());
}
