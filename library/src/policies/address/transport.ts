import type { AddressMatcher, RequestView } from "../../contracts/index.ts";
import { addressMatcher } from "./matcher.ts";

/** How a request came from the client: encrypted, from this very machine, or so that others could read it. */
export type Transport = "https" | "loopback" | "plain";

/**
 * Says how a request came. What X-Forwarded-Proto tells is believed from trusted proxies only; with several of them in a
 * row, every hop must have been https. A request through a proxy that nobody trusts did not come from this machine,
 * however near the proxy stands. Where the runtime hides the peer, an issuer on loopback makes it a developer's machine.
 */
export function transportThrough(trustedProxies: readonly string[], issuer: string): (view: RequestView) => Transport {
  const trusted = addressMatcher(trustedProxies, "trustProxy");
  let loopback: AddressMatcher | undefined;
  const development = issuer.startsWith("http:");
  return (view) => {
    if (trusted.matches(view.peerAddress)) return throughProxy(view);
    if (view.encrypted) return "https";
    if (view.peerAddress === "") return development ? "loopback" : "plain";
    loopback ??= addressMatcher(["127.0.0.0/8", "::1"], "loopback");
    return loopback.matches(view.peerAddress) && !isForwarded(view) ? "loopback" : "plain";
  };
}

function throughProxy(view: RequestView): Transport {
  const told = view.header("x-forwarded-proto");
  if (told === undefined) return view.encrypted ? "https" : "plain";
  const hops = (typeof told === "string" ? told : told.join(",")).split(",");
  return hops.every((hop) => hop.trim().toLowerCase() === "https") ? "https" : "plain";
}

function isForwarded(view: RequestView): boolean {
  return ["x-forwarded-for", "x-forwarded-proto", "forwarded"].some((name) => view.header(name) !== undefined);
}
