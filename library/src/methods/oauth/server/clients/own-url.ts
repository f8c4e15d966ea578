/** A URL that a client calls its own, and that we will ask: https without fragment, name and password; http on a loopback address. */
export function isOwnUrl(uri: unknown): uri is string {
  if (typeof uri !== "string" || uri.length > 2_000 || !/^[!-~]+$/.test(uri) || uri.includes("#") || !URL.canParse(uri)) return false;
  const { protocol, hostname, username, password } = new URL(uri);
  const isLoopback = hostname === "localhost" || hostname === "127.0.0.1" || hostname === "[::1]";
  return username + password === "" && (protocol === "https:" || (protocol === "http:" && isLoopback));
}
