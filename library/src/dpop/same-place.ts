/**
 * Whether two URLs are one place: RFC 3986 s.6.2.2 and s.6.2.3, so case of scheme and host, default port, dot segments and
 * the spelling of harmless characters do not count; neither do query and fragment (RFC 9449 s.4.3). Total.
 */
export function samePlace(one: string, other: string): boolean {
  const place = placeOf(one);
  return place !== undefined && place === placeOf(other);
}

function placeOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if ((url.protocol !== "https:" && url.protocol !== "http:") || url.username !== "" || url.password !== "") return undefined;
  return url.origin + url.pathname.replace(/%[0-9a-f]{2}/gi, plain);
}

/** Unreserved characters need no escape; of the others the escape is written in capitals. */
function plain(escaped: string): string {
  const character = String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
  return /[A-Za-z0-9\-._~]/.test(character) ? character : escaped.toUpperCase();
}
