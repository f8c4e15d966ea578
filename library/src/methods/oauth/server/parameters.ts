import { BodyTooLarge, type Refusal, type RequestView } from "../../../contracts/index.ts";
import { bodyLimitBytes } from "../../../http/index.ts";
import { oauthRefusals } from "./refusals.ts";

/** The parameters of one request, each decoded once. Empty ones were left out (RFC 6749 s.3.1). */
export interface RequestParameters {
  get(name: string): string | undefined;
  /** All values of a parameter that may be repeated. */
  list(name: string): readonly string[];
  entries(): Iterable<readonly [name: string, value: string]>;
}

/** `resource` (RFC 8707 s.2) and `audience` (RFC 8693 s.2.1); everything else stands once (RFC 6749 s.3.1). */
const repeatable = new Set(["resource", "audience"]);
const mostParameters = 100;
const noValues: readonly string[] = [];

/**
 * Reads `application/x-www-form-urlencoded`, of a query or a body. Refuses repeated names (two readers would believe two
 * things), what is not UTF-8, and control characters, which no parameter has and no log should.
 */
export function readParameters(text: string): RequestParameters | Refusal {
  const values = new Map<string, string | string[]>();
  const seen = new Set<string>();
  if (text !== "") {
    const pairs = text.split("&", mostParameters + 2);
    if (pairs.length > mostParameters) return malformed(`At most ${mostParameters} parameters are allowed.`);
    for (const pair of pairs) {
      if (pair === "") continue;
      const equals = pair.indexOf("=");
      const name = decode(equals === -1 ? pair : pair.slice(0, equals));
      const value = equals === -1 ? "" : decode(pair.slice(equals + 1));
      if (name === undefined || value === undefined) return malformed("A parameter is not UTF-8, or has control characters in it.");
      const many = repeatable.has(name);
      if (!many && seen.has(name)) return malformed("A parameter was sent more than once.");
      seen.add(name);
      if (value === "") continue;
      if (!many) values.set(name, value);
      else values.set(name, [...((values.get(name) as string[] | undefined) ?? []), value]);
    }
  }
  return parametersOf(values);
}

/** The same of values that stand already, as of a pushed request or of the claims of a request object. */
export function parametersOf(values: ReadonlyMap<string, string | readonly string[]>): RequestParameters {
  return {
    get(name) {
      const value = values.get(name);
      return typeof value === "string" || value === undefined ? value : value[0];
    },
    list(name) {
      const value = values.get(name);
      return value === undefined ? noValues : typeof value === "string" ? [value] : value;
    },
    *entries() {
      for (const [name, value] of values)
        if (typeof value === "string") yield [name, value];
        else for (const one of value) yield [name, one];
    },
  };
}

/** Reads the body of a POST: a form and nothing else (RFC 6749 s.3.2). */
export async function readForm(view: RequestView): Promise<RequestParameters | Refusal> {
  const type = view.header("content-type");
  const mediaType = typeof type === "string" ? type.split(";", 1)[0]!.trim().toLowerCase() : undefined;
  if (mediaType !== "application/x-www-form-urlencoded") return malformed("The body must be application/x-www-form-urlencoded.");
  let bytes: Uint8Array;
  try {
    bytes = await view.body(bodyLimitBytes);
  } catch (error) {
    if (!(error instanceof BodyTooLarge)) throw error;
    return malformed(`The body may have at most ${bodyLimitBytes} bytes.`);
  }
  // A byte above 0x7f has no place in a form (WHATWG URL s.5): what is meant is percent-encoded.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  return readParameters(text);
}

/** The query of a request target, "" where there is none. */
export function queryOf(view: RequestView): string {
  const start = view.target.indexOf("?");
  return start === -1 ? "" : view.target.slice(start + 1);
}

/** As a query or a form, with every name and value encoded. */
export function writeParameters(parameters: Iterable<readonly [string, string]>): string {
  return [...parameters].map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join("&");
}

/** Scopes of a `scope` parameter, each once; a refusal where one has a form that no scope has. */
export function readScopes(parameters: RequestParameters, isScope: (text: string) => boolean): readonly string[] | undefined | Refusal {
  const text = parameters.get("scope");
  if (text === undefined) return undefined;
  const scopes = [...new Set(text.split(" ").filter((scope) => scope !== ""))];
  if (scopes.length > 100 || !scopes.every(isScope))
    return oauthRefusals["invalid-scope"]({ hint: "scope is a list of at most 100 scopes, separated by spaces." });
  return scopes;
}

export function malformed(hint: string): Refusal {
  return oauthRefusals["invalid-request"]({ hint });
}

/** The value of a parameter that must be there, and not be longer than this. */
export function required(parameters: RequestParameters, name: string, most = 2_000): string | Refusal {
  const value = parameters.get(name);
  if (value === undefined) return malformed(`${name} is required.`);
  return value.length > most ? malformed(`${name} may have at most ${most} characters.`) : value;
}

/** Undefined for what is not UTF-8 or has control characters in it. */
function decode(text: string): string | undefined {
  if (/[^\x20-\x7e]/.test(text)) return undefined;
  let value = text;
  if (/[%+]/.test(text)) {
    try {
      value = decodeURIComponent(text.replaceAll("+", " "));
    } catch {
      return undefined;
    }
  }
  return /\p{Cc}/u.test(value) || !value.isWellFormed() ? undefined : value;
}
