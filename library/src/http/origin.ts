import type { ActedBy, Exchange, Origin } from "../contracts/index.ts";

/** Where a request came from, for the audit. Make it before anything is awaited: it is of this request and no other. */
export function originOf({ view, address }: Pick<Exchange, "view" | "address">): Origin {
  const userAgent = view.header("user-agent");
  return { requestId: view.requestId, address, userAgent: typeof userAgent === "string" ? userAgent : userAgent?.[0] };
}

/** Who acts in this request, for the audit. Throws on an endpoint without a rule, like `exchange.principal`. */
export function actedBy(exchange: Exchange): ActedBy {
  const { subject, method } = exchange.principal;
  return { actor: subject, method, origin: originOf(exchange) };
}
