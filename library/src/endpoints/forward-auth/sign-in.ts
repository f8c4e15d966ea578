import type { RequestView } from "../../contracts/index.ts";
import { returnPath, wantsPage } from "../../pages/index.ts";
import type { OriginalView } from "./original.ts";

/**
 * Where a browser without a session is sent: the sign-in page, with the way back. Undefined for a program, and for anything
 * but a page that is asked for. The way back is a path where the page is on the same origin, else a URL, and only on an
 * allowed origin; with any other there is none.
 */
export function signInLocation(
  original: OriginalView,
  page: URL,
  origins: readonly string[],
  proto: string | undefined,
): string | undefined {
  if ((original.method !== "GET" && original.method !== "HEAD") || !wantsPage(original)) return undefined;
  const back = backTo(original, page, origins, proto);
  if (back === undefined) return page.href;
  const url = new URL(page);
  url.searchParams.set("return", back);
  return url.href;
}

function backTo({ target, host }: OriginalView, page: URL, origins: readonly string[], proto: string | undefined): string | undefined {
  const path = returnPath(target);
  if (path === undefined || host === undefined) return path;
  const origin = `${proto ?? page.protocol.slice(0, -1)}://${host}`;
  if (origin === page.origin) return path;
  return origins.includes(origin) ? `${origin}${path}` : undefined;
}

/** The scheme that the proxy's client used, as the proxy says it; undefined: not said, or not one. */
export function protoOf(view: RequestView): string | undefined {
  const value = view.header("x-forwarded-proto");
  return value === "https" || value === "http" ? value : undefined;
}
