/**
 * Whether the query of a request target names one of these parameters (lower case). Credentials in a URL end up in logs,
 * histories and Referer headers, so they are refused wherever they stand (RFC 9700 s.4.3.2). Total: any text in.
 */
export function queryNames(target: string, names: ReadonlySet<string>): string | undefined {
  const start = target.indexOf("?");
  if (start === -1) return undefined;
  for (const pair of target.slice(start + 1).split("&")) {
    const end = pair.indexOf("=");
    const name = decode(end === -1 ? pair : pair.slice(0, end)).toLowerCase();
    if (names.has(name)) return name;
  }
  return undefined;
}

function decode(text: string): string {
  if (!text.includes("%") && !text.includes("+")) return text;
  try {
    return decodeURIComponent(text.replaceAll("+", " ")).trim();
  } catch {
    return text;
  }
}
