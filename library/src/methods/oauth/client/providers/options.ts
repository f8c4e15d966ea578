import { OptionFault } from "../../../../contracts/index.ts";
import type { Endpoints } from "./row.ts";

/** What every provider is told. */
export interface ProviderOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Names it in paths: `/login/ID`. Default: its name here. */
  readonly id?: string;
  /** Stands on the button. */
  readonly name?: string;
  /** Instead of its usual scopes. */
  readonly scopes?: readonly string[];
  /** Further parameters of the authorization request: `{ prompt: "select_account" }`. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Instead of its usual endpoints: GitHub Enterprise, a provider of one's own in tests. */
  readonly endpoints?: Partial<Endpoints>;
  /** The longest that it may take to answer, in milliseconds: default 5000, at most 10000. Somebody waits before a browser meanwhile. */
  readonly timeoutMs?: number;
  /**
   * Believe its addresses although it does not say that it proved them. Only for a provider whose every address you issue
   * yourself: else whoever types somebody's address there is that person here. Default: no.
   */
  readonly trustEmail?: boolean;
}

/** Throws an OptionFault that names the option and never shows a secret. */
export function checkProviderOptions(kind: string, options: ProviderOptions): void {
  const fail = (name: string, got: unknown, allowed: string, example: string): never => {
    throw new OptionFault(`${kind}.${name}`, { got, allowed, example });
  };
  if (typeof options !== "object" || options === null)
    throw new OptionFault(kind, { got: options, allowed: "an object", example: "{ clientId, clientSecret }" });
  const { clientId, clientSecret, id, name, scopes, parameters, timeoutMs, trustEmail } = options;
  if (typeof clientId !== "string" || clientId.length === 0)
    fail("clientId", clientId, "the id that the provider gave this app", '"Iv1.0123456789abcdef"');
  if (typeof clientSecret !== "string" || clientSecret.length === 0)
    fail("clientSecret", {}, "the secret that the provider gave this app", '"…"');
  if (id !== undefined && !isProviderId(id)) fail("id", id, "1 to 30 lower-case letters, digits and hyphens; not code or email", '"work"');
  if (name !== undefined && (typeof name !== "string" || name.length === 0 || name.length > 60))
    fail("name", name, "1 to 60 characters", '"Work"');
  if (
    scopes !== undefined &&
    !(Array.isArray(scopes) && scopes.every((scope) => typeof scope === "string" && /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope)))
  )
    fail("scopes", scopes, "a list of scopes", '["openid", "email"]');
  if (parameters !== undefined && (typeof parameters !== "object" || Object.values(parameters).some((value) => typeof value !== "string")))
    fail("parameters", parameters, "an object of texts", '{ prompt: "select_account" }');
  if (timeoutMs !== undefined && !(Number.isInteger(timeoutMs) && timeoutMs >= 1 && timeoutMs <= 10_000))
    fail("timeoutMs", timeoutMs, "a whole number from 1 to 10000", "5000");
  if (trustEmail !== undefined && typeof trustEmail !== "boolean") fail("trustEmail", trustEmail, "true or false", "false");
  for (const [endpoint, url] of Object.entries(options.endpoints ?? {})) checkUrl(`${kind}.endpoints.${endpoint}`, url);
}

/** A segment of `/login/ID`, which `code` and `email` are taken from. */
export function isProviderId(id: unknown): id is string {
  return typeof id === "string" && /^[a-z0-9](?:[a-z0-9-]{0,28}[a-z0-9])?$/.test(id) && id !== "code" && id !== "email";
}

/** https anywhere, http on loopback only. Throws an OptionFault. */
export function checkUrl(option: string, text: unknown): string {
  const url = typeof text === "string" && URL.canParse(text) ? new URL(text) : undefined;
  const good = url !== undefined && (url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname)));
  if (good && url.username === "" && url.password === "" && url.hash === "") return text as string;
  throw new OptionFault(option, { got: text, allowed: "an https URL, or http on loopback", example: '"https://id.example.com"' });
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(\.\d+){3}$/.test(host);
}
