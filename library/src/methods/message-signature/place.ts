import { OptionFault, type RequestView } from "../../contracts/index.ts";

/**
 * The origin of this API by which a request came; undefined: by none of them. What a proxy or a caller says of the scheme is not
 * asked, and a signature for another host that holds the same keys is none for here.
 */
export function originOf(view: RequestView, origins: readonly string[]): string | undefined {
  const host = view.header("host");
  // Only HTTP/1.0, HTTP/2 and a Request may name no host: the signature then says for whom it is.
  if (host === undefined) return origins[0];
  if (typeof host !== "string") return undefined;
  const wanted = host.toLowerCase();
  return origins.find((origin) => {
    const url = new URL(origin);
    return url.host === wanted || `${url.hostname}:${url.protocol === "https:" ? 443 : 80}` === wanted;
  });
}

/** Checks the list. Throws an OptionFault. */
export function checkOrigins(origins: readonly string[]): readonly string[] {
  const good = (text: unknown) =>
    typeof text === "string" && URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text;
  if (Array.isArray(origins) && origins.length > 0 && origins.length <= 32 && origins.every(good)) return [...origins];
  throw new OptionFault("origins", {
    got: origins,
    allowed: "1 to 32 origins by which clients know this API: scheme, host and port that is not the default, nothing after it",
    example: '["https://api.example.com"]',
  });
}
