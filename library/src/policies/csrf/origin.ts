import type { RequestView } from "../../contracts/index.ts";

/** Where an unsafe request comes from, as far as the browser tells. */
export type Source =
  | { readonly from: "here" }
  | { readonly from: "elsewhere"; readonly detail: string }
  /** Neither field: no browser of today, or a request that no foreign page can make without asking first. */
  | { readonly from: "unsaid" };

const here: Source = { from: "here" };
const unsaid: Source = { from: "unsaid" };

/**
 * Reads Sec-Fetch-Site (W3C Fetch Metadata) and Origin (RFC 6454 s.7), which no page can forge. Origins are compared
 * whole: a suffix or a neighbouring host is another origin. Origin `null` counts only beside `same-origin`, which is how
 * a browser writes it for our own pages, because they send no referrer.
 */
export function sourceOf(view: RequestView, ownOrigins: ReadonlySet<string>): Source {
  const site = view.header("sec-fetch-site");
  const origin = view.header("origin");
  if (site !== undefined && typeof site !== "string") return elsewhere("several Sec-Fetch-Site lines");
  if (origin !== undefined && typeof origin !== "string") return elsewhere("several Origin lines");
  if (origin !== undefined && origin !== "null") {
    const ours = ownOrigins.has(origin) || (site === "same-origin" && isHost(view, origin));
    return ours ? here : elsewhere(`Origin ${origin.slice(0, 100)}`);
  }
  // `none`: typed or opened by the person, not sent by a page.
  if (site === "same-origin" || (site === "none" && origin === undefined)) return here;
  if (site !== undefined) return elsewhere(`Sec-Fetch-Site ${site.slice(0, 20)}`);
  return origin === undefined ? unsaid : elsewhere("Origin null");
}

/** The page was loaded from the very host that is asked, which the browser vouches for: another name of ours, as on loopback. */
function isHost(view: RequestView, origin: string): boolean {
  const host = view.header("host");
  return typeof host === "string" && (origin === `https://${host}` || origin === `http://${host}`);
}

function elsewhere(detail: string): Source {
  return { from: "elsewhere", detail };
}
