/** Grammar of HTTP authentication fields: RFC 9110 s.11. Total functions: any text in, an answer out. */

export interface Authorization {
  /** As the client spelt it; compare in lower case (RFC 9110 s.11.1). */
  readonly scheme: string;
  readonly rest: string;
}

/** Splits `Authorization` into scheme and the rest; undefined when there is no scheme. */
export function splitAuthorization(value: string): Authorization | undefined {
  const space = value.indexOf(" ");
  const scheme = space === -1 ? value : value.slice(0, space);
  if (!isToken(scheme)) return undefined;
  let start = space === -1 ? value.length : space + 1;
  while (value.charCodeAt(start) === 32) start += 1;
  return { scheme, rest: value.slice(start) };
}

/** The rest of an `Authorization` whose scheme is the given lower-case one; undefined for another scheme. */
export function authorizationOf(value: string, scheme: string): string | undefined {
  // The common spellings first: this runs on every request.
  if (value.charCodeAt(scheme.length) !== 32 && value.length !== scheme.length) return undefined;
  if (value.slice(0, scheme.length).toLowerCase() !== scheme) return undefined;
  let start = scheme.length;
  while (value.charCodeAt(start) === 32) start += 1;
  return value.slice(start);
}

/** A token as it came in `Authorization`: under which scheme is the method's to judge. */
export interface PresentedBearer {
  readonly scheme: "Bearer" | "DPoP";
  readonly token: string;
}

/**
 * The access token of `Authorization: Bearer` (RFC 6750 s.2.1) or `DPoP` (RFC 9449 s.7.1); undefined for another scheme, and for
 * what has a comma in it or came twice: those are two credentials.
 */
export function readBearer(authorization: string | readonly string[] | undefined): PresentedBearer | undefined {
  if (typeof authorization !== "string") return undefined;
  const bearer = authorizationOf(authorization, "bearer");
  const token = bearer ?? authorizationOf(authorization, "dpop");
  if (token === undefined || token.includes(",")) return undefined;
  return { scheme: bearer === undefined ? "DPoP" : "Bearer", token };
}

/** token68 of RFC 9110 s.11.2, the form of a Bearer token (RFC 6750 s.2.1). */
export function isToken68(text: string): boolean {
  return /^[A-Za-z0-9\-._~+/]+=*$/.test(text);
}

/** token of RFC 9110 s.5.6.2. */
function isToken(text: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text);
}

/** A quoted-string of RFC 9110 s.5.6.4. Characters that cannot stand in one are dropped. */
export function quote(text: string): string {
  return `"${text.replace(/[^\t\x20-\x7e]/g, "").replace(/["\\]/g, "\\$&")}"`;
}
