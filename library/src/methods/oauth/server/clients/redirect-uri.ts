import { OptionFault } from "../../../../contracts/index.ts";

const example = '"https://app.example.com/callback"';
const allowed =
  "an absolute https URL; http on a loopback address; or for a native app a scheme of its own with a dot in it (com.example.app:/callback). Without fragment, user, wildcard and control characters";

/** Throws an OptionFault for what cannot be a redirect URI of anybody (RFC 6749 s.3.1.2, RFC 8252 s.7, RFC 9700 s.2.1). */
export function checkRedirectUri(option: string, uri: unknown, isPublic: boolean): string {
  if (typeof uri !== "string" || !isRedirectUri(uri, isPublic)) throw new OptionFault(option, { got: uri, allowed, example });
  return uri;
}

function isRedirectUri(uri: string, isPublic: boolean): boolean {
  if (uri.length > 2_000 || !/^[!-~]+$/.test(uri) || /[#*\\<>"]/.test(uri) || !URL.canParse(uri)) return false;
  const url = new URL(uri);
  if (url.username !== "" || url.password !== "" || /(?:^|\/)\.\.?(?:\/|$)/.test(uri.split("?")[0]!)) return false;
  if (url.protocol === "https:") return /^https:\/\/[^/]/i.test(uri);
  if (url.protocol === "http:") return isLoopback(url);
  // Reverse domain names: `javascript:`, `data:` and their like have no dot (RFC 8252 s.7.1).
  return isPublic && /^[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+:\/[^/]/i.test(`${uri}${uri.endsWith(":/") ? "x" : ""}`);
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}

/**
 * The registered URI that this one is, or undefined. Character for character (RFC 9700 s.2.1): nothing is normalised, no
 * prefix and no pattern counts. Only the port of a loopback URI of a public client is free, since a native app takes
 * whichever it gets (RFC 8252 s.7.3).
 */
export function matchesRedirectUri(registered: readonly string[], presented: string, isPublic: boolean): boolean {
  if (registered.includes(presented)) return true;
  if (!isPublic) return false;
  const known = loopbackParts(presented);
  return known !== undefined && registered.some((uri) => loopbackParts(uri) === known);
}

/** A loopback URI without its port; undefined for any other. Told by the text itself, so that no parser decides what is equal. */
function loopbackParts(uri: string): string | undefined {
  const match = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(?::([1-9]\d{0,4}))?((?:\/[!-~]*)?)$/.exec(uri);
  if (match === null || match[3]!.includes("#") || match[3]!.includes("\\") || Number(match[2] ?? 80) > 65_535) return undefined;
  return `${match[1]} ${match[3]}`;
}

/** Whether anybody's program on the same machine may be behind this URI, so that it proves nothing of who it is (RFC 8252 s.8.6). */
export function isClaimedByAnybody(uri: string): boolean {
  return !uri.startsWith("https://");
}
