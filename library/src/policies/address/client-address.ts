import type { RequestView } from "../../contracts/index.ts";
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
      const address = hop.trim();
      if (!trusted.matches(address)) return plausible(address) ? address : view.peerAddress;
    }
    return view.peerAddress;
  };
}

/** A hop that is not an address (`unknown`, junk) hides the client: the proxy's own address is the best that is known. */
function plausible(address: string): boolean {
  return /^[0-9a-fA-F:.]{2,45}$/.test(address);
}
