/** Grammar of cookies: RFC 6265 s.4. Total functions: any text in, an answer out. */

/**
 * The value of one cookie in a `Cookie` field: undefined when it is not there, `false` when the name stands there twice or
 * the field came in several lines. Then somebody set a second one (from a neighbouring host, for another path), and
 * choosing one of them would be a bypass. Looks for the one name only: this runs on every request.
 */
export function readCookie(field: string | readonly string[] | undefined, name: string): string | undefined | false {
  if (field === undefined) return undefined;
  if (typeof field !== "string") return field.some((line) => readCookie(line, name) !== undefined) ? false : undefined;
  const first = placeOf(field, name, 0);
  if (first === -1) return undefined;
  const start = first + name.length + 1;
  if (placeOf(field, name, start) !== -1) return false;
  const end = field.indexOf(";", start);
  return (end === -1 ? field.slice(start) : field.slice(start, end)).trim();
}

/** Where `name=` begins a cookie: at the start of the field, or after a semicolon and white space. */
function placeOf(field: string, name: string, from: number): number {
  for (let at = field.indexOf(name, from); at !== -1; at = field.indexOf(name, at + 1)) {
    if (field.charCodeAt(at + name.length) !== 61) continue;
    let before = at - 1;
    while (before >= 0 && (field.charCodeAt(before) === 32 || field.charCodeAt(before) === 9)) before -= 1;
    // A comma is where two lines were joined.
    if (before < 0 || field.charCodeAt(before) === 59 || field.charCodeAt(before) === 44) return at;
  }
  return -1;
}

/** How the cookies of one site are named and kept. */
export interface CookieForm {
  readonly name: string;
  /** Over https only. */
  readonly secure: boolean;
}

/**
 * The form of a cookie of this issuer: `__Host-` over https, so that no other host, and nothing sent in clear, can set it
 * (RFC 6265bis s.4.1.3.2); the plain name on loopback http, where browsers would refuse the prefix.
 */
export function cookieForm(issuer: string, name: string): CookieForm {
  const secure = issuer.startsWith("https:");
  return { name: secure ? `__Host-${name}` : name, secure };
}

/**
 * A `Set-Cookie` value: out of reach of scripts, for the whole site, not sent along by foreign pages' forms; with `"None"` it
 * is, for what a provider posts back from its own site.
 */
export function writeCookie(form: CookieForm, value: string, maxAgeSeconds: number, sameSite: "Lax" | "None" = "Lax"): string {
  const secure = form.secure ? "; Secure" : "";
  return `${form.name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=${sameSite}${secure}`;
}

/** A `Set-Cookie` value that removes it. */
export function clearCookie(form: CookieForm): string {
  return writeCookie(form, "", 0);
}
