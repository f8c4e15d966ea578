import { OptionFault } from "../../../../contracts/index.ts";
import { isRoleName, isScopeToken, type JsonObject, type JwsAlgorithm, roleForm, scopeForm } from "../../../../primitives/index.ts";
import { isPublicClient, type TokenFormat } from "./client.ts";
import { backchannelLogoutMetadata, type BackchannelLogoutOptions } from "./backchannel-logout.ts";
import { checkRedirectUri } from "./redirect-uri.ts";
import { subjectTypeMetadata, type SubjectTypeOptions } from "./subject-type.ts";
import type { ClientRow } from "./table.ts";
import { tlsClientMetadata, type TlsClientOptions } from "./tls-client.ts";

/** What one may say of a new client. Everything is checked before anything is stored. */
export interface ClientOptions extends BackchannelLogoutOptions, SubjectTypeOptions, TlsClientOptions {
  /** People see it when they are asked for consent. 1 to 100 characters. */
  readonly name: string;
  /** Grant types: `authorization_code`, `refresh_token`, `client_credentials`, … */
  readonly grants: readonly string[];
  /** Where codes may be sent, exactly. Required for `authorization_code`. */
  readonly redirectUris?: readonly string[];
  /** What it may ask for. Default: with `authorization_code` the scopes of OpenID Connect, else none. */
  readonly scopes?: readonly string[];
  /** Default: `client_secret_basic`. `none` makes a public client: an app on somebody's device, or in a browser. */
  readonly authentication?: string;
  /** Audiences that its tokens may be for. Default: every configured one. */
  readonly resources?: readonly string[];
  /** Roles that it has in its own name. */
  readonly roles?: readonly string[];
  /** One of ours: nobody is asked for consent. */
  readonly firstParty?: boolean;
  /** Form of its access tokens. Default: that of the server. */
  readonly tokenFormat?: TokenFormat;
  /** Signature of its ID tokens: ES256 by default. */
  readonly idTokenAlgorithm?: JwsAlgorithm;
  /** Signature of what userinfo answers it; left out: plain JSON. */
  readonly userinfoAlgorithm?: JwsAlgorithm;
  /** Signature of introspection where it asks for a signed answer (RFC 9701): RS256 by default. */
  readonly introspectionAlgorithm?: JwsAlgorithm;
  /** Its public keys (RFC 7517), for `private_key_jwt`. */
  readonly jwks?: JsonObject;
  /** Where its public keys are, https. */
  readonly jwksUri?: string;
  /** Audiences whose tokens it may ask about beside its own: for an API that introspects. */
  readonly introspects?: readonly string[];
  /** False: it relies on `nonce`, not on PKCE. For confidential OpenID clients only. */
  readonly requirePkce?: boolean;
  /** Further members of its registration, kept as they are. */
  readonly metadata?: JsonObject;
}

/** What is there to choose from: what the parts of the server speak. */
export interface ClientChoices {
  readonly grants: readonly string[];
  readonly authentications: readonly string[];
  readonly audiences: readonly string[];
  readonly tokenFormat: TokenFormat;
}

const openidScopes = ["openid", "profile", "email"];
const signatureAlgorithms: readonly JwsAlgorithm[] = ["ES256", "RS256"];

/** Checks the options and makes the row. Throws an OptionFault that names the option. */
export function clientRow(options: ClientOptions, id: string, at: number, choices: ClientChoices): ClientRow {
  const { grants, authentication } = checkKind(options, choices);
  const redirectUris = checkRedirectUris(options, grants, isPublicClient({ authentication }));
  const interactive = grants.includes("authorization_code");
  const offline = grants.includes("refresh_token") ? ["offline_access"] : [];
  const otherwise = interactive ? [...openidScopes, ...offline] : [];
  const scopes = namesOf("scopes", options.scopes, isScopeToken, scopeForm, '["posts:read"]') ?? otherwise;
  const resources = checkAudiences("resources", options.resources, choices);
  const requirePkce = options.requirePkce ?? true;
  if (!requirePkce && (isPublicClient({ authentication }) || !scopes.includes("openid")))
    throw new OptionFault("requirePkce", {
      got: false,
      allowed: "false for a confidential client with the scope openid only, which then has to send a nonce",
      example: "true",
    });
  return {
    id,
    name: checkName(options.name),
    authentication,
    grants: JSON.stringify(grants),
    redirect_uris: JSON.stringify(redirectUris),
    scopes: JSON.stringify(scopes),
    resources: resources === undefined ? null : JSON.stringify(resources),
    roles: JSON.stringify(namesOf("roles", options.roles, isRoleName, roleForm, '["editor"]') ?? []),
    first_party: options.firstParty === true ? 1 : 0,
    token_format: checkTokenFormat(options, choices),
    id_token_algorithm: checkOne("idTokenAlgorithm", options.idTokenAlgorithm ?? "ES256", signatureAlgorithms),
    require_pkce: requirePkce ? 1 : 0,
    metadata: JSON.stringify(checkMetadata(options, authentication, redirectUris, choices)),
    created_at: at,
  };
}

function checkKind(
  options: ClientOptions,
  choices: ClientChoices,
): { readonly grants: readonly string[]; readonly authentication: string } {
  const grants = [...new Set(Array.isArray(options.grants) ? (options.grants as readonly string[]) : [])];
  if (grants.length === 0)
    throw new OptionFault("grants", {
      got: options.grants,
      allowed: `at least one of ${choices.grants.join(", ")}`,
      example: '["authorization_code"]',
    });
  for (const grant of grants) checkOne("grants", grant, choices.grants);
  if (grants.length === 1 && grants[0] === "refresh_token")
    throw new OptionFault("grants", {
      got: grants,
      allowed: "refresh_token beside a grant that begins with a person",
      example: '["authorization_code", "refresh_token"]',
    });
  const authentication = checkOne("authentication", options.authentication ?? "client_secret_basic", choices.authentications);
  if (isPublicClient({ authentication }) && grants.includes("client_credentials"))
    throw new OptionFault("authentication", {
      got: authentication,
      allowed: "for client_credentials a way to prove who it is: a client without credentials has none to act on",
      example: '"client_secret_basic"',
    });
  return { grants, authentication };
}

function checkRedirectUris({ redirectUris = [] }: ClientOptions, grants: readonly string[], isPublic: boolean): readonly string[] {
  const wrong = (got: unknown, allowed: string) =>
    new OptionFault("redirectUris", { got, allowed, example: '["https://app.example.com/callback"]' });
  if (!Array.isArray(redirectUris) || redirectUris.length > 50) throw wrong(redirectUris, "a list of at most 50 URIs");
  const uris = (redirectUris as readonly unknown[]).map((uri) => checkRedirectUri("redirectUris", uri, isPublic));
  if (grants.includes("authorization_code") !== uris.length > 0)
    throw wrong(uris, "at least one with the grant authorization_code, none without it");
  return [...new Set(uris)];
}

/** Signed tokens can be read by who holds them, and would show a pairwise client whom it knows. */
function checkTokenFormat({ subjectType, tokenFormat }: ClientOptions, choices: ClientChoices): TokenFormat {
  if (subjectType !== "pairwise") return checkOne("tokenFormat", tokenFormat ?? choices.tokenFormat, ["jwt", "opaque"]);
  return checkOne("tokenFormat", tokenFormat ?? "opaque", ["opaque"]);
}

/** What goes into the JSON column: under the names of RFC 7591 and the registry of its members. */
function checkMetadata(
  options: ClientOptions,
  authentication: string,
  redirectUris: readonly string[],
  choices: ClientChoices,
): JsonObject {
  const { jwks, jwksUri } = options;
  if (jwks !== undefined && jwksUri !== undefined)
    throw new OptionFault("jwksUri", {
      got: jwksUri,
      allowed: "jwks or jwksUri, not both (RFC 7591 s.2)",
      example: '"https://app.example.com/jwks.json"',
    });
  if (jwks !== undefined && !isPublicKeySet(jwks))
    throw new OptionFault("jwks", {
      got: jwks,
      allowed: "a JWK set of 1 to 20 public keys, nothing private in it",
      example: '{ keys: [{ kty: "EC", … }] }',
    });
  if (jwksUri !== undefined && !(typeof jwksUri === "string" && /^https?:\/\/[!-~]{1,500}$/.test(jwksUri) && URL.canParse(jwksUri)))
    throw new OptionFault("jwksUri", { got: jwksUri, allowed: "an https URL", example: '"https://app.example.com/jwks.json"' });
  if (authentication === "private_key_jwt" && jwks === undefined && jwksUri === undefined)
    throw new OptionFault("jwks", {
      got: undefined,
      allowed: "for private_key_jwt the public keys: jwks or jwksUri",
      example: '{ keys: [{ kty: "EC", … }] }',
    });
  const introspects = checkAudiences("introspects", options.introspects, choices);
  const { userinfoAlgorithm, introspectionAlgorithm } = options;
  for (const [option, algorithm] of Object.entries({ userinfoAlgorithm, introspectionAlgorithm }))
    if (algorithm !== undefined) checkOne(option, algorithm, signatureAlgorithms);
  return {
    ...options.metadata,
    ...backchannelLogoutMetadata(options),
    ...tlsClientMetadata(options, authentication, choices.authentications),
    ...subjectTypeMetadata(options, redirectUris),
    ...(jwks === undefined ? {} : { jwks }),
    ...(jwksUri === undefined ? {} : { jwks_uri: jwksUri }),
    ...(introspects === undefined ? {} : { introspects }),
    ...(userinfoAlgorithm === undefined ? {} : { userinfo_signed_response_alg: userinfoAlgorithm }),
    ...(introspectionAlgorithm === undefined ? {} : { introspection_signed_response_alg: introspectionAlgorithm }),
  };
}

function isPublicKeySet(jwks: JsonObject): boolean {
  const { keys } = jwks;
  const isPublicKey = (key: unknown) =>
    typeof key === "object" && key !== null && "kty" in key && key.kty !== "oct" && !["d", "p", "q", "k"].some((name) => name in key);
  return Array.isArray(keys) && keys.length >= 1 && keys.length <= 20 && keys.every(isPublicKey) && JSON.stringify(jwks).length <= 40_000;
}

function checkAudiences(option: string, list: readonly string[] | undefined, { audiences }: ClientChoices): readonly string[] | undefined {
  if (list === undefined) return undefined;
  if (!Array.isArray(list) || list.length === 0)
    throw new OptionFault(option, {
      got: list,
      allowed: `a list of configured audiences: ${audiences.join(", ")}`,
      example: `["${audiences[0]}"]`,
    });
  return [...new Set(list.map((one) => checkOne(option, one, audiences)))];
}

/** People read it in a sentence: no control characters, none that turn the direction of the text. */
function checkName(name: string): string {
  const good = typeof name === "string" && name.trim() === name && name.length >= 1 && name.length <= 100 && name.isWellFormed();
  if (!good || /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name))
    throw new OptionFault("name", { got: name, allowed: "1 to 100 characters, none of them invisible", example: '"Example Calendar"' });
  return name;
}

function checkOne<T extends string>(option: string, value: T, allowed: readonly T[]): T {
  if (!allowed.includes(value)) throw new OptionFault(option, { got: value, allowed: allowed.join(", "), example: `"${allowed[0]}"` });
  return value;
}

function namesOf(
  option: string,
  names: readonly string[] | undefined,
  isGood: (text: string) => boolean,
  allowed: string,
  example: string,
): readonly string[] | undefined {
  if (names === undefined) return undefined;
  if (!Array.isArray(names) || names.length > 100) throw new OptionFault(option, { got: names, allowed: "a list of at most 100", example });
  for (const name of names) if (typeof name !== "string" || !isGood(name)) throw new OptionFault(option, { got: name, allowed, example });
  return [...new Set(names as readonly string[])];
}
