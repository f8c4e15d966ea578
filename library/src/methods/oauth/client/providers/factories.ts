import * as oauth from "oauth4webapi";
import { OptionFault } from "../../../../contracts/index.ts";
import type { Provider } from "../provider.ts";
import { type AppleKey, appleSecret } from "./apple.ts";
import { buildProvider } from "./build-provider.ts";
import { checkProviderOptions, checkUrl, isLoopback, isProviderId, type ProviderOptions } from "./options.ts";
import type { Endpoints, ProviderRow } from "./row.ts";
import { type ProviderName, rows, standardProfile } from "./rows.ts";

/** Any provider of OpenID Connect. */
export interface OidcOptions extends ProviderOptions {
  readonly id: string;
  readonly name: string;
  /** Where its metadata is: `ISSUER/.well-known/openid-configuration`. */
  readonly issuer: string;
  /** Whether it takes PKCE. Default: yes. */
  readonly pkce?: boolean;
  /** How we prove who we are at its token endpoint. Default `"post"`. */
  readonly clientAuthentication?: "basic" | "post";
}

/** Any provider of plain OAuth 2.0. */
export interface OAuth2Options extends Omit<OidcOptions, "issuer" | "endpoints"> {
  readonly endpoints: Endpoints;
  /** What it calls itself in `iss` of its answers (RFC 9207). Default: the origin of its authorization endpoint. */
  readonly issuer?: string;
  /** Reads whose profile it is. Say that an address is proved only where the provider says so. */
  readonly profile: ProviderRow["profile"];
}

export const github = (options: ProviderOptions): Provider => named("github", options);
export const google = (options: ProviderOptions): Provider => named("google", options);
export const discord = (options: ProviderOptions): Provider => named("discord", options);
export const facebook = (options: ProviderOptions): Provider => named("facebook", options);
export const linkedin = (options: ProviderOptions): Provider => named("linkedin", options);
export const slack = (options: ProviderOptions): Provider => named("slack", options);
export const x = (options: ProviderOptions): Provider => named("x", options);

/** GitLab, or one's own at `url`. */
export function gitlab(options: ProviderOptions & { readonly url?: string }): Provider {
  return fromRow("gitlab", { ...rows.gitlab, issuer: checkUrl("gitlab.url", options.url ?? rows.gitlab.issuer) }, options);
}

/** Microsoft: accounts of anybody (`common`, the default), of firms, of people, or those of one tenant by its id. */
export function microsoft(options: ProviderOptions & { readonly tenant?: string; readonly issuer?: string }): Provider {
  const { tenant = "common" } = options;
  if (typeof tenant !== "string" || !/^[A-Za-z0-9.-]{1,64}$/.test(tenant))
    throw new OptionFault("microsoft.tenant", {
      got: tenant,
      allowed: "common, organizations, consumers, or the id of a tenant",
      example: '"common"',
    });
  const issuer = checkUrl("microsoft.issuer", options.issuer ?? `https://login.microsoftonline.com/${tenant}/v2.0`);
  return fromRow("microsoft", { ...rows.microsoft, issuer }, options);
}

/** Apple, with its key in place of a client secret. It answers by a cross-site POST, for which it wants an https issuer. */
export function apple(options: Omit<ProviderOptions, "clientSecret"> & AppleKey & { readonly issuer?: string }): Provider {
  const issuer = checkUrl("apple.issuer", options.issuer ?? rows.apple.issuer);
  const secret = appleSecret(options, options.clientId, issuer);
  return fromRow("apple", { ...rows.apple, issuer }, { ...options, clientSecret: "signed" }, secret);
}

/** Any provider of OpenID Connect, by its issuer. Throws an OptionFault. */
export function oidc(options: OidcOptions): Provider {
  checkNamed("oidc", options);
  const { issuer, pkce = true, clientAuthentication = "post" } = options;
  const row: ProviderRow = {
    ...rows.google,
    id: options.id,
    name: options.name,
    issuer: checkUrl("oidc.issuer", issuer),
    pkce,
    clientAuthentication,
  };
  return fromRow("oidc", row, options);
}

/** Any provider of plain OAuth 2.0, by its endpoints. Throws an OptionFault. */
export function oauth2(options: OAuth2Options): Provider {
  checkNamed("oauth2", options);
  const { endpoints, profile, pkce = true, clientAuthentication = "post" } = options;
  for (const name of ["authorization", "token", "userinfo"] as const) checkUrl(`oauth2.endpoints.${name}`, endpoints?.[name]);
  if (typeof profile !== "function")
    throw new OptionFault("oauth2.profile", {
      got: profile,
      allowed: "a function",
      example: "(user) => ({ subject: user.id, email: user.email, emailVerified: false, name: user.name })",
    });
  const issuer = checkUrl("oauth2.issuer", options.issuer ?? new URL(endpoints.authorization).origin);
  const { id, name, scopes = [] } = options;
  return fromRow(
    "oauth2",
    { id, name, issuer, discovery: false, nonce: false, endpoints, profile, pkce, clientAuthentication, scopes },
    options,
  );
}

/** One that has a row, by its name: for settings. */
export function named(name: ProviderName, options: ProviderOptions): Provider {
  return fromRow(name, rows[name], options);
}

/** Names of those that have a row and need nothing but an id and a secret. */
export const namedProviders = (Object.keys(rows) as ProviderName[]).filter((name) => name !== "apple");

export { standardProfile };

function checkNamed(kind: string, { id, name }: { readonly id: unknown; readonly name: unknown }): void {
  if (!isProviderId(id))
    throw new OptionFault(`${kind}.id`, {
      got: id,
      allowed: "1 to 30 lower-case letters, digits and hyphens; not code or email",
      example: '"work"',
    });
  if (typeof name !== "string")
    throw new OptionFault(`${kind}.name`, { got: name, allowed: "what stands on the button", example: '"Work"' });
}

function fromRow(kind: string, row: ProviderRow, options: ProviderOptions, signed?: (at: number) => string): Provider {
  checkProviderOptions(kind, options);
  const { clientId, clientSecret, id, name, scopes, parameters, endpoints, timeoutMs = 5_000, trustEmail = false } = options;
  const own: ProviderRow = {
    ...row,
    ...(id === undefined ? {} : { id }),
    ...(name === undefined ? {} : { name }),
    ...(scopes === undefined ? {} : { scopes }),
    ...(parameters === undefined ? {} : { parameters: { ...row.parameters, ...parameters } }),
    ...(row.endpoints === undefined ? {} : { endpoints: { ...row.endpoints, ...endpoints } }),
  };
  const prove = own.clientAuthentication === "basic" ? oauth.ClientSecretBasic : oauth.ClientSecretPost;
  const insecure = isLoopback(new URL(own.endpoints?.token ?? own.issuer).hostname);
  const authentication = (at: number) => prove(signed === undefined ? clientSecret : signed(at));
  return buildProvider(own, { clientId, authentication, timeoutMs, insecure, trustEmail });
}
