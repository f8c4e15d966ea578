import type { Credential, Refusal, RequestView } from "../../contracts/index.ts";
import { authorizationOf, inspectToken, isToken68, Secret, tokenHint } from "../../primitives/index.ts";
import { apiKeyRefusals } from "./refusals.ts";

/** What a key may look like. */
export interface KeyForms {
  /** Prefix of the keys issued here: `lk`. */
  readonly prefix: string;
  /** Prefixes of keys that were issued elsewhere and imported: `sk_live_`. */
  readonly importedPrefixes: readonly string[];
}

const longest = 512;

/** Query parameters in which people send keys. */
export const apiKeyQueryParameters: readonly string[] = ["api_key", "apikey", "api-key", "x-api-key", "access_token"];

/**
 * Finds an API key in `X-API-Key`, or in `Authorization: Bearer` when it has one of the prefixes (RFC 6750 s.2.1). A
 * repeated header, or a list in one line, is refused: taking one of several would be a bypass. Syntax only.
 */
export function readApiKey(view: RequestView, forms: KeyForms): Credential | Refusal | undefined {
  const header = view.header("x-api-key");
  const authorization = view.header("authorization");
  const bearer = typeof authorization === "string" ? bearerKey(authorization, forms) : undefined;
  // A comma here comes from two lines that were joined, or from two credentials in one: a key has none.
  if (bearer?.includes(",") === true) return apiKeyRefusals.malformed({ detail: "a list in Authorization", hint: "Send one credential." });
  if (header === undefined) return bearer === undefined ? undefined : apiKeyCredential(bearer, "Bearer", forms);
  if (typeof header !== "string")
    return apiKeyRefusals.malformed({ detail: `${header.length} X-API-Key lines`, hint: "Send X-API-Key once." });
  if (bearer !== undefined)
    return apiKeyRefusals.malformed({ detail: "X-API-Key beside a bearer key", hint: "Send the key in one header only." });
  if (header.includes(",")) return apiKeyRefusals.malformed({ detail: "a list in X-API-Key", hint: "Send one key." });
  return apiKeyCredential(header, undefined, forms);
}

function bearerKey(authorization: string, forms: KeyForms): string | undefined {
  const token = authorizationOf(authorization, "bearer");
  if (token === undefined) return undefined;
  return token.startsWith(`${forms.prefix}_`) || forms.importedPrefixes.some((prefix) => token.startsWith(prefix)) ? token : undefined;
}

function apiKeyCredential(key: string, scheme: string | undefined, forms: KeyForms): Credential {
  return new PresentedKey(key, scheme, forms);
}

/** A class only so that the hint, which a warm request never needs, is made when asked. */
class PresentedKey implements Credential {
  readonly method = "api-key";
  readonly secret: Secret;
  readonly scheme: string | undefined;
  readonly #forms: KeyForms;

  constructor(key: string, scheme: string | undefined, forms: KeyForms) {
    this.secret = new Secret(key);
    this.scheme = scheme;
    this.#forms = forms;
  }

  /** Nothing is shown of what is not surely a key: people paste passwords into the wrong field. */
  get hint(): string {
    return impossibleKey(this.secret.reveal(), this.#forms) === undefined ? keyHint(this.secret.reveal(), this.#forms) : "(not a key)";
  }
}

/** What may be shown of a key: what stands before the random part, and the last four characters. */
export function keyHint(key: string, forms: KeyForms): string {
  if (inspectToken(key, forms.prefix) === "sound") return tokenHint(key);
  return `${forms.importedPrefixes.find((prefix) => key.startsWith(prefix)) ?? ""}…${key.slice(-4)}`;
}

/** Why a text cannot be a key at all, before any store is asked; undefined: it may be one. */
export function impossibleKey(key: string, forms: KeyForms): string | undefined {
  if (key.length > longest) return "too long";
  if (!isToken68(key)) return "characters that no key has";
  const look = inspectToken(key, forms.prefix);
  if (look === "sound") return undefined;
  if (look === "damaged") return "wrong checksum";
  return forms.importedPrefixes.some((prefix) => key.startsWith(prefix)) ? undefined : "unknown prefix";
}
