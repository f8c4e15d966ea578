import { type Answer, type Endpoint, isPromise, isRefusal, type Refusal } from "../contracts/index.ts";
import { emptyAnswer, withHeaders } from "./answer.ts";
import { refusalAnswer } from "./problem.ts";

const allowed: Answer["headers"] = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "WWW-Authenticate, DPoP-Nonce, Retry-After",
};

/**
 * Endpoints that scripts of any origin may call and read (Fetch s.3.2): those that use nothing that a browser adds by
 * itself, so that a foreign page can do no more with them than any program. Credentials stay excluded: no
 * `Access-Control-Allow-Credentials`, ever.
 */
export function crossOrigin(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const methods = new Map<string, string[]>();
  for (const { method, path } of endpoints) methods.set(path, [...(methods.get(path) ?? []), method]);
  const preflights = [...methods].map(([path, list]): Endpoint => {
    const answer = emptyAnswer(204, {
      "access-control-allow-origin": "*",
      "access-control-allow-methods": list.join(", "),
      "access-control-allow-headers": "Authorization, Content-Type, DPoP",
      "access-control-max-age": "3600",
    });
    return { method: "OPTIONS", path, rule: undefined, handle: () => answer };
  });
  return [...endpoints.map(readable), ...preflights];
}

function readable(endpoint: Endpoint): Endpoint {
  return {
    ...endpoint,
    handle(exchange) {
      const finish = (made: Answer | Refusal) =>
        isRefusal(made) ? refusalAnswer(made, exchange.view.requestId, allowed) : withHeaders(made, allowed);
      const made = endpoint.handle(exchange);
      return isPromise(made) ? made.then(finish) : finish(made);
    },
  };
}
