import {
  type Answer,
  type Endpoint,
  isRefusal,
  OptionFault,
  type Principal,
  type Refusal,
  type RuleOptions,
} from "../../contracts/index.ts";
import {
  actedBy,
  emptyAnswer,
  fieldRefusal,
  type Fields,
  firstRefusal,
  jsonAnswer,
  listField,
  readFields,
  textField,
} from "../../http/index.ts";
import { instantText } from "../../primitives/index.ts";
import type { ApiKeys } from "./method.ts";
import type { ApiKeyOptions, ApiKeyRecord } from "./record.ts";
import { apiKeyRefusals } from "./refusals.ts";

/** The scope with which a key may manage the keys of its owner. */
const manageScope = "keys:manage";

/**
 * `/keys`: the caller's own keys. A body never says whose: that is the caller. A key may manage keys only with the scope
 * `keys:manage`, and what it makes may no more than itself.
 */
export function apiKeyEndpoints(keys: ApiKeys, rules: KeyRules): readonly Endpoint[] {
  const own = async (id: string, principal: Principal): Promise<ApiKeyRecord | undefined> => {
    const record = await keys.find(id);
    return record?.owner.id === principal.subject ? record : undefined;
  };
  const notFound = () => apiKeyRefusals["not-found"]();
  return [
    {
      method: "GET",
      path: "/keys",
      rule: rules.list,
      handle: async ({ principal, query }) => {
        const before = query.get("before");
        const list = await keys.list({ owner: principal.subject, ...(before === null ? {} : { before }) });
        return jsonAnswer(200, { keys: list.map(publicRecord) });
      },
    },
    {
      method: "POST",
      path: "/keys",
      rule: rules.change,
      handle: async (exchange) => {
        const { view, principal } = exchange;
        const by = actedBy(exchange);
        const fields = await readFields(view);
        if (isRefusal(fields)) return fields;
        const asked = keyOptions(fields, principal);
        if (isRefusal(asked)) return asked;
        const parent = principal.method === "api-key" ? await keys.find(principal.credentialId) : undefined;
        const options = narrowed(asked, principal, parent);
        if (isRefusal(options)) return options;
        return refusingBadOptions(async () => {
          const { key, record } = await keys.issue({ ...options, noLaterThan: parent?.expiresAt }, by);
          return jsonAnswer(201, { ...publicRecord(record), key });
        });
      },
    },
    {
      method: "DELETE",
      path: "/keys/:id",
      rule: rules.change,
      handle: async (exchange) => {
        const { parameters, principal } = exchange;
        const by = actedBy(exchange);
        const record = await own(parameters.id!, principal);
        if (record === undefined || !(await keys.revoke(record.id, by))) return notFound();
        return emptyAnswer();
      },
    },
    {
      method: "POST",
      path: "/keys/:id/rotate",
      rule: rules.change,
      handle: async (exchange) => {
        const { view, parameters, principal } = exchange;
        const by = actedBy(exchange);
        const fields = await readFields(view);
        if (isRefusal(fields)) return fields;
        const overlap = textField(fields, "overlap");
        if (isRefusal(overlap)) return overlap;
        const record = await own(parameters.id!, principal);
        if (record === undefined) return notFound();
        if (!within(record.scopes, record.roles, principal)) return apiKeyRefusals["beyond-own"]();
        return refusingBadOptions(async () => {
          const issued = await keys.rotate(record.id, overlap === undefined ? {} : { overlap }, by);
          return issued === undefined ? notFound() : jsonAnswer(200, { ...publicRecord(issued.record), key: issued.key });
        });
      },
    },
  ];
}

/** What `/keys` asks of its callers. */
export interface KeyRules {
  readonly list: RuleOptions;
  readonly change: RuleOptions;
}

/** A key needs the scope; a person needs none, but must have signed in lately to change anything. */
export function manageKeysRule(fresh: string): KeyRules {
  return { list: { scopes: [manageScope] }, change: { scopes: [manageScope], maxAge: fresh } };
}

function keyOptions(fields: Fields, principal: Principal): ApiKeyOptions | Refusal {
  const name = textField(fields, "name", { required: true, most: 100 });
  const expires = textField(fields, "expires");
  const rateLimit = textField(fields, "rateLimit");
  const scopes = listField(fields, "scopes");
  const roles = listField(fields, "roles");
  const allowedAddresses = listField(fields, "allowedAddresses");
  const refusal = firstRefusal(name, expires, rateLimit, scopes, roles, allowedAddresses);
  if (refusal !== undefined) return refusal;
  return { name, expires, rateLimit, scopes, roles, allowedAddresses, owner: principal.subject } as ApiKeyOptions;
}

/**
 * A key can never mint beyond itself: neither scopes nor roles, neither longer nor from more places nor faster. What its
 * own record limits, the new key inherits. (A person who signed in may give a key any scope, but only roles held.)
 */
function narrowed(options: ApiKeyOptions, principal: Principal, parent: ApiKeyRecord | undefined): ApiKeyOptions | Refusal {
  const service = principal.kind === "service";
  if (service || !within(options.scopes ?? [], options.roles ?? [], principal)) return apiKeyRefusals["beyond-own"]();
  if (parent === undefined) return options;
  const { rateLimit, allowedAddresses, expiresAt } = parent;
  if (
    (rateLimit !== undefined && options.rateLimit !== undefined) ||
    (allowedAddresses !== undefined && options.allowedAddresses !== undefined)
  ) {
    return apiKeyRefusals["beyond-own"]({ hint: "rateLimit and allowedAddresses are inherited from the key that makes the new one." });
  }
  return {
    ...options,
    ...(rateLimit === undefined ? {} : { rateLimit: `${rateLimit.count}/${rateLimit.windowMs}ms` }),
    ...(allowedAddresses === undefined ? {} : { allowedAddresses }),
    ...(expiresAt === undefined || options.expires !== undefined ? {} : { expires: new Date(expiresAt) }),
  };
}

function within(scopes: readonly string[], roles: readonly string[], principal: Principal): boolean {
  const rolesHeld = roles.every((role) => principal.roles.includes(role));
  return rolesHeld && (isPerson(principal) || scopes.every((scope) => principal.scopes.includes(scope)));
}

/** Somebody who signed in, by a session or by the password itself: nothing that acts in somebody's name. */
function isPerson({ kind, method }: Principal): boolean {
  return kind === "user" && (method === "session" || method === "basic");
}

async function refusingBadOptions(job: () => Promise<Answer | Refusal>): Promise<Answer | Refusal> {
  try {
    return await job();
  } catch (error) {
    if (!(error instanceof OptionFault)) throw error;
    return fieldRefusal(error.option, error.message.slice(error.option.length + 2));
  }
}

/** The record with instants as RFC 3339 texts. */
export function publicRecord(record: ApiKeyRecord): Record<string, unknown> {
  return {
    id: record.id,
    name: record.name,
    owner: record.owner,
    hint: record.hint,
    scopes: record.scopes,
    roles: record.roles,
    allowedAddresses: record.allowedAddresses ?? null,
    rateLimit: record.rateLimit === undefined ? null : `${record.rateLimit.count}/${record.rateLimit.windowMs}ms`,
    createdAt: instantText(record.createdAt),
    expiresAt: instantText(record.expiresAt),
    revokedAt: instantText(record.revokedAt),
    lastUsedAt: instantText(record.lastUsedAt),
    lastUsedFrom: record.lastUsedFrom ?? null,
  };
}
