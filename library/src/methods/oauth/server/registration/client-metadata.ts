import { isRefusal, type Refusal } from "../../../../contracts/index.ts";
import type { JsonObject, JwsAlgorithm } from "../../../../primitives/index.ts";
import { type Client, type ClientOptions, tlsMembers } from "../clients/index.ts";
import { oauthRefusals } from "../refusals.ts";

/** What a client that registers itself may not say differently. */
interface Limits {
  /** What it may ask people for. */
  readonly scopes: readonly string[];
  /** `token_endpoint_auth_method` where it names none. */
  readonly authentication: string;
}

/** Grants that end at a person: nobody gets rights of its own by registering. */
const grants = ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"];

/** Members that are kept as they are, once they have the right form (RFC 7591 s.2, its registry). */
const kept: Readonly<Record<string, (value: unknown) => boolean>> = {
  client_uri: isWebPage,
  logo_uri: isWebPage,
  tos_uri: isWebPage,
  policy_uri: isWebPage,
  contacts: (value) => isList(value, 10) && value.every((one) => isText(one, 200)),
  software_id: (value) => isText(value, 200),
  software_version: (value) => isText(value, 100),
  application_type: (value) => value === "web" || value === "native",
  post_logout_redirect_uris: (value) => isList(value, 20) && value.every(isRedirect),
  dpop_bound_access_tokens: isFlag,
  require_pushed_authorization_requests: isFlag,
  require_signed_request_object: isFlag,
  default_max_age: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
};

/**
 * Reads the metadata by which a client describes itself (RFC 7591 s.2). What may be narrowed is narrowed, as the RFC allows,
 * and told in the answer; what cannot be done as asked is refused. Unknown members are left out.
 */
export function readClientMetadata(all: JsonObject, limits: Limits): ClientOptions | Refusal {
  const own = (name: string): unknown => (Object.hasOwn(all, name) && all[name] !== null ? all[name] : undefined);
  const uris = own("redirect_uris") ?? [];
  if (!isList(uris, 20) || !uris.every((uri) => typeof uri === "string")) return badUri("redirect_uris must be a list of at most 20 URIs.");
  const asked = own("grant_types") ?? ["authorization_code"];
  const beyond = isList(asked, 20) ? asked.find((grant) => !grants.includes(grant as string)) : "";
  if (beyond !== undefined) return bad(`grant_types: of ${grants.join(", ")} only.`);
  const types = own("response_types");
  if (types !== undefined && !(isList(types, 5) && types.every((type) => type === "code"))) return bad('response_types: only ["code"].');
  const scopes = scopesOf(own("scope"), limits.scopes);
  if (isRefusal(scopes)) return scopes;
  const metadata: Record<string, unknown> = {};
  for (const [name, isGood] of Object.entries(kept)) {
    const value = own(name);
    if (value === undefined) continue;
    if (!isGood(value)) return bad(`${name} is not of the form that it should have.`);
    metadata[name] = value;
  }
  return {
    name: (own("client_name") ?? nameOf(uris)) as string,
    grants: asked as readonly string[],
    redirectUris: uris,
    scopes,
    authentication: (own("token_endpoint_auth_method") ?? limits.authentication) as string,
    ...optional("idTokenAlgorithm", own("id_token_signed_response_alg") as JwsAlgorithm | undefined),
    ...optional("userinfoAlgorithm", own("userinfo_signed_response_alg") as JwsAlgorithm | undefined),
    ...optional("introspectionAlgorithm", own("introspection_signed_response_alg") as JwsAlgorithm | undefined),
    ...optional("jwks", own("jwks") as JsonObject | undefined),
    ...optional("jwksUri", own("jwks_uri") as string | undefined),
    ...optional("backchannelLogoutUri", own("backchannel_logout_uri") as string | undefined),
    ...optional("backchannelLogoutSessionRequired", own("backchannel_logout_session_required") as boolean | undefined),
    ...optional("subjectType", own("subject_type") as ClientOptions["subjectType"]),
    ...optional("sectorIdentifierUri", own("sector_identifier_uri") as string | undefined),
    ...Object.fromEntries(tlsMembers.flatMap(([option, member]) => (own(member) === undefined ? [] : [[option, own(member)]]))),
    ...optional("certificateBoundTokens", own("tls_client_certificate_bound_access_tokens") as boolean | undefined),
    metadata,
  };
}

/** The registration as the client is told it (RFC 7591 s.3.2.1), secrets apart. */
export function clientMetadata(client: Client): JsonObject {
  const { registered: _, ...metadata } = client.metadata;
  return {
    subject_type: "public",
    ...metadata,
    client_id: client.id,
    client_id_issued_at: Math.floor(client.createdAt / 1_000),
    client_name: client.name,
    redirect_uris: client.redirectUris,
    grant_types: client.grants,
    response_types: client.grants.includes("authorization_code") ? ["code"] : [],
    token_endpoint_auth_method: client.authentication,
    scope: client.scopes.join(" "),
    id_token_signed_response_alg: client.idTokenAlgorithm,
  };
}

export function bad(hint: string): Refusal {
  return oauthRefusals["invalid-client-metadata"]({ hint });
}

export function badUri(hint: string): Refusal {
  return oauthRefusals["invalid-redirect-uri"]({ hint });
}

/** Those that are allowed of those that it names; all of them where it names none. */
function scopesOf(scope: unknown, allowed: readonly string[]): readonly string[] | Refusal {
  if (scope === undefined) return allowed;
  if (typeof scope !== "string" || scope.length > 5_000) return bad("scope is a text.");
  return [...new Set(scope.split(" "))].filter((one) => allowed.includes(one));
}

/** Who names itself in no way is called by where it sends people. */
function nameOf([uri]: readonly string[]): string {
  const host = uri !== undefined && URL.canParse(uri) ? new URL(uri).hostname : "";
  return host === "" ? "Unnamed app" : host.slice(0, 100);
}

const optional = <Name extends string, Value>(name: Name, value: Value | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { readonly [N in Name]?: Value };

function isFlag(value: unknown): boolean {
  return typeof value === "boolean";
}

function isList(value: unknown, most: number): value is readonly unknown[] {
  return Array.isArray(value) && value.length <= most;
}

function isText(value: unknown, most: number): value is string {
  return typeof value === "string" && value.length <= most && value.isWellFormed() && !/\p{Cc}/u.test(value);
}

/** Something that a page may link to: https, or a developer's own machine. `javascript:` and its like are no pages. */
function isWebPage(value: unknown): boolean {
  if (!isText(value, 2_000) || /[\s<>"]/.test(value) || !URL.canParse(value)) return false;
  const { protocol, hostname, username, password } = new URL(value);
  const loopback = hostname === "localhost" || hostname === "127.0.0.1" || hostname === "[::1]";
  return username === "" && password === "" && (protocol === "https:" || (protocol === "http:" && loopback));
}

/** A web page, or a scheme of an app's own, which has a dot in it (RFC 8252 s.7.1). */
function isRedirect(value: unknown): boolean {
  return isWebPage(value) || (isText(value, 2_000) && /^[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+:\/[!-~]*$/i.test(value) && !value.includes("#"));
}
