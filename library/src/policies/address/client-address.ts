import type { RequestView } from "../../contracts/index.ts";
import { parseAddressRange } from "../../primitives/index.ts";
import { addressMatcher } from "./matcher.ts";

/** Longer chains of proxies than this are somebody's invention. */
const mostHops = 32;

/**
 * Finds the client's address behind trusted proxies: the right-most address of X-Forwarded-For that is not itself a
 * trusted proxy. What a peer that is no trusted proxy says of itself is ignored, and nothing else is ever believed.
 */
export function clientAddressThrough(trustedProxies: readonly string[]): (view: RequestView) => string {
  if (trustedProxies.length === 0) return (view) => view.peerAddress;
  const trusted = addressMatcher(trustedProxies, "trustProxy");
  return (view) => {
    if (!trusted.matches(view.peerAddress)) return view.peerAddress;
    const header = view.header("x-forwarded-for");
    if (header === undefined) return view.peerAddress;
    const hops = (typeof header === "string" ? header : header.join(",")).split(",").slice(-mostHops);
    for (const hop of hops.toReversed()) {
      const address = withoutPort(hop.trim());
      // A hop that is no address (`unknown`, junk) hides the client: the proxy's own address is the best that is known.
      if (!isAddress(address)) return view.peerAddress;
      if (!trusted.matches(address)) return address;
    }
    return view.peerAddress;
  };
}

/** Some proxies write the port too. Left there, each connection of one client would be a client of its own. */
function withoutPort(hop: string): string {
  return /^\[([^\]]*)\](?::\d{1,5})?$/.exec(hop)?.[1] ?? /^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/.exec(hop)?.[1] ?? hop;
}

function isAddress(text: string): boolean {
  return !text.includes("/") && parseAddressRange(text) !== undefined;
}
