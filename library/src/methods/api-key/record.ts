import { type Limit, OptionFault, type PrincipalKind } from "../../contracts/index.ts";
import {
  durationForm,
  isId,
  isRoleName,
  isScopeToken,
  parseDuration,
  parseRate,
  rateForm,
  roleForm,
  scopeForm,
} from "../../primitives/index.ts";
import type { ApiKeyRow, KeyWithHint } from "./table.ts";

/** Whose key it is. A key without an owner is a service of its own. */
export interface KeyOwner {
  readonly kind: PrincipalKind;
  readonly id: string;
}

/** What one may say of a new key. Everything is checked before anything is stored. */
export interface ApiKeyOptions {
  /** For people: `ci`, `billing worker`. 1 to 100 characters. */
  readonly name: string;
  /** `usr_…` or `cli_…`; left out: the key stands for a service. */
  readonly owner?: string;
  readonly scopes?: readonly string[];
  readonly roles?: readonly string[];
  /** A span (`"90d"`) or an instant; left out: it does not expire. */
  readonly expires?: string | Date;
  /** It ends then at the latest, in milliseconds since the epoch: when the key that makes it ends. */
  readonly noLaterThan?: number | undefined;
  /** Addresses and CIDR ranges that may use it; left out: any. */
  readonly allowedAddresses?: readonly string[];
  /** `"1000/1m"`; left out: none of its own. */
  readonly rateLimit?: string;
}

/** A key as its owner and operators may see it. The secret is not in it: nobody has it any more. */
export interface ApiKeyRecord {
  readonly id: string;
  readonly name: string;
  readonly owner: KeyOwner;
  /** Prefix and last four characters of the newest secret. */
  readonly hint: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly allowedAddresses: readonly string[] | undefined;
  readonly rateLimit: Limit | undefined;
  readonly createdAt: number;
  readonly expiresAt: number | undefined;
  readonly revokedAt: number | undefined;
  /** Within the last flush of a few seconds. */
  readonly lastUsedAt: number | undefined;
  readonly lastUsedFrom: string | undefined;
}

/** Checks the options and makes the row. Throws an OptionFault that names the option. */
export function keyRow(options: ApiKeyOptions, id: string, at: number, checkAddresses: (list: readonly string[]) => unknown): ApiKeyRow {
  const owner = keyOwner(options.owner, id);
  const limit = rateOf(options.rateLimit);
  if (options.allowedAddresses !== undefined) {
    if (!Array.isArray(options.allowedAddresses) || options.allowedAddresses.length === 0 || options.allowedAddresses.length > 100) {
      throw new OptionFault("allowedAddresses", {
        got: options.allowedAddresses,
        allowed: "1 to 100 addresses or CIDR ranges",
        example: '["203.0.113.0/24"]',
      });
    }
    checkAddresses(options.allowedAddresses);
  }
  return {
    id,
    name: nameOf(options.name),
    owner_kind: owner.kind,
    owner_id: owner.id,
    scopes: JSON.stringify(namesOf("scopes", options.scopes, isScopeToken, scopeForm, '["posts:read"]')),
    roles: JSON.stringify(namesOf("roles", options.roles, isRoleName, roleForm, '["editor"]')),
    allowed_addresses: options.allowedAddresses === undefined ? null : JSON.stringify(options.allowedAddresses),
    rate_count: limit?.count ?? null,
    rate_window_ms: limit?.windowMs ?? null,
    created_at: at,
    expires_at: expiryOf(options.expires, at),
    revoked_at: null,
  };
}

function nameOf(name: string): string {
  const good = typeof name === "string" && name.length >= 1 && name.length <= 100 && !/\p{Cc}/u.test(name);
  if (!good) throw new OptionFault("name", { got: name, allowed: "1 to 100 characters without control characters", example: '"ci"' });
  return name;
}

function keyOwner(owner: string | undefined, keyId: string): KeyOwner {
  if (owner === undefined) return { kind: "service", id: keyId };
  if (typeof owner === "string" && isId(owner, "cli")) return { kind: "client", id: owner };
  // Ids of an app with users of its own have any form; whether the owner exists is asked of its source.
  if (typeof owner === "string" && owner.length > 0 && owner.length <= 200 && !/[\p{Cc}\s]/u.test(owner))
    return { kind: "user", id: owner };
  throw new OptionFault("owner", { got: owner, allowed: "the id of a user or client", example: '"usr_…"' });
}

function namesOf(
  option: string,
  names: readonly string[] | undefined,
  isGood: (text: string) => boolean,
  allowed: string,
  example: string,
): readonly string[] {
  if (names === undefined) return [];
  if (!Array.isArray(names) || names.length > 100) throw new OptionFault(option, { got: names, allowed: "a list of at most 100", example });
  for (const name of names) if (typeof name !== "string" || !isGood(name)) throw new OptionFault(option, { got: name, allowed, example });
  return [...new Set(names)];
}

function rateOf(text: string | undefined): Limit | undefined {
  if (text === undefined) return undefined;
  const limit = typeof text === "string" ? parseRate(text) : undefined;
  if (limit === undefined) throw new OptionFault("rateLimit", { got: text, allowed: rateForm, example: '"1000/1m"' });
  return limit;
}

function expiryOf(expires: string | Date | undefined, at: number): number | null {
  if (expires === undefined) return null;
  const span = typeof expires === "string" ? parseDuration(expires) : undefined;
  const instant = expires instanceof Date ? expires.getTime() : span === undefined ? Number.NaN : at + span;
  if (!(instant > at) || instant > 8.64e15)
    throw new OptionFault("expires", { got: expires, allowed: `${durationForm}, or a Date in the future`, example: '"90d"' });
  return instant;
}

export function keyRecord(row: KeyWithHint, lastUse: { readonly at: number; readonly address: string } | undefined): ApiKeyRecord {
  return {
    id: row.id,
    name: row.name,
    owner: { kind: row.owner_kind, id: row.owner_id },
    hint: row.hint,
    scopes: JSON.parse(row.scopes) as string[],
    roles: JSON.parse(row.roles) as string[],
    allowedAddresses: row.allowed_addresses === null ? undefined : (JSON.parse(row.allowed_addresses) as string[]),
    rateLimit: limitOf(row),
    createdAt: row.created_at,
    expiresAt: row.expires_at ?? undefined,
    revokedAt: row.revoked_at ?? undefined,
    lastUsedAt: lastUse?.at,
    lastUsedFrom: lastUse?.address,
  };
}

export function limitOf(row: Pick<ApiKeyRow, "rate_count" | "rate_window_ms">): Limit | undefined {
  return row.rate_count === null || row.rate_window_ms === null ? undefined : { count: row.rate_count, windowMs: row.rate_window_ms };
}
