import type { RequestListener } from "node:http";
import type { Latchkey } from "latchkey";
import { clipped, decisionFacts, faultFacts, type Log } from "../log/index.ts";

/** One line for each request once it is answered, with the reason of its decision. Put before a handler at level debug only. */
export function loggingRequests(handler: RequestListener, auth: Latchkey, log: Log): RequestListener {
  return (request, response) => {
    const began = performance.now();
    const target = request.url ?? "/";
    // Node keeps no fields that are handed to writeHead alone; beside one that was set, it keeps them all.
    response.setHeader("x-request-id", "");
    response.once("close", () => {
      const requestId = response.getHeader("x-request-id");
      const facts = {
        requestId,
        method: request.method,
        path: clipped(target),
        status: response.writableFinished ? response.statusCode : "aborted",
        milliseconds: Math.round((performance.now() - began) * 100) / 100,
      };
      if (typeof requestId !== "string" || requestId === "") return log.write("debug", "request", facts);
      auth.explain(requestId).then(
        (event) => log.write("debug", "request", event === undefined ? facts : { ...decisionFacts(event), ...facts }),
        (error: unknown) => log.write("debug", "request", { ...facts, ...faultFacts(error) }),
      );
    });
    handler(request, response);
  };
}
