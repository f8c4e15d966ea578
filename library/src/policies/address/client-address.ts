import { isIP } from "node:net";
import type { RequestView } from "../../contracts/index.ts";
import { addressMatcher } from "./matcher.ts";

/** Longer chains of proxies than this are somebody's invention. */
const mostHops = 32;
/** A proxy shows itself among the first requests; after them nobody pays for looking. */
const lookedAt = 10_000;

/**
 * Finds the client's address behind trusted proxies: the right-most address of X-Forwarded-For that is not itself a
 * trusted proxy. What a peer that is no trusted proxy says of itself is ignored, and nothing else is ever believed.
 * Without trusted proxies it is the peer's; when a proxy seems to be in front all the same, that is told once, since every
 * client would share the limits of the proxy's address.
 */
export function clientAddressThrough(
  trustedProxies: readonly string[],
  onWarning: (message: string) => void = () => undefined,
): (view: RequestView) => string {
  if (trustedProxies.length === 0) return peerAddressOf(onWarning);
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

function peerAddressOf(onWarning: (message: string) => void): (view: RequestView) => string {
  let looking = lookedAt;
  return (view) => {
    if (looking > 0) {
      looking -= 1;
      if (view.header("x-forwarded-for") !== undefined) {
        looking = 0;
        onWarning(
          `A request came with X-Forwarded-For, but no proxy is trusted (trustProxy): if a proxy is in front, all its clients count as ` +
            `the one address ${JSON.stringify(view.peerAddress)}. Set trustProxy (LATCHKEY_TRUST_PROXY) to the addresses of the proxies.`,
        );
      }
    }
    return view.peerAddress;
  };
}

/** Some proxies write the port too. Left there, each connection of one client would be a client of its own. */
function withoutPort(hop: string): string {
  return /^\[([^\]]*)\](?::\d{1,5})?$/.exec(hop)?.[1] ?? /^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/.exec(hop)?.[1] ?? hop;
}

/** By the runtime: ipaddr.js throws for what is no range, and a thrown error costs more than the whole road of a request. */
function isAddress(text: string): boolean {
  return isIP(text) !== 0;
}
