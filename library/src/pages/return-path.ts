/**
 * Where to go after signing in, if a page of ours may send somebody there: a path of this origin. Undefined for everything
 * else: another host in any disguise (`//host`, `/\host`, a scheme, a tab between the slashes), and what is too long.
 */
export function returnPath(text: unknown): string | undefined {
  if (typeof text !== "string" || text.length > 8_000 || !/^\/(?![/\\])[!-~]*$/.test(text) || text.includes("\\")) return undefined;
  const base = "https://own.invalid";
  const url = URL.canParse(text, base) ? new URL(text, base) : undefined;
  return url?.origin === base && !url.pathname.startsWith("//") ? text : undefined;
}
