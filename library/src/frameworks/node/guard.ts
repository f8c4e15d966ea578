import type { IncomingMessage, ServerResponse } from "node:http";
import { type Decision, isPromise, type Principal, type RuleOptions } from "../../contracts/index.ts";
import { deniedAnswer, rateLimitFields } from "../../http/index.ts";
import type { Latchkey } from "../../face.ts";
import { NodeRequestView } from "./view.ts";
import { writeAnswer, writeFault } from "./write.ts";

declare module "node:http" {
  interface IncomingMessage {
    /** Who sent this request. Set by a guard; a route without one has nobody. */
    principal?: Principal;
  }
}

/** A request that went through a guard. */
export type GuardedRequest = IncomingMessage & { principal: Principal };

export type Handler<Request> = (request: Request, response: ServerResponse) => unknown;

/**
 * Protects a handler of node:http: it runs only for a caller that the rule lets in, and finds it in `request.principal`.
 * A handler that throws or rejects is answered 500 by us, since nobody else would. Options are checked here, at once.
 *
 *     createServer(guard(auth, { scopes: ["posts:read"] }, (req, res) => res.end(req.principal.subject)));
 */
export function guard(auth: Latchkey, options: RuleOptions, handler: Handler<GuardedRequest>): Handler<IncomingMessage> {
  const rule = auth.rule(options);
  return (request, response) => {
    const view = new NodeRequestView(request);
    const proceed = (decision: Decision): unknown => {
      if (!decision.allowed) return writeAnswer(request, response, deniedAnswer(decision, view.requestId));
      request.principal = decision.principal;
      response.setHeader("x-request-id", view.requestId);
      if (decision.rateLimit !== undefined) response.setHeaders(new Map(Object.entries(rateLimitFields(decision.rateLimit))));
      return handler(request as GuardedRequest, response);
    };
    const failed = (error: unknown) => writeFault(request, response, error, view.requestId);
    try {
      const decision = auth.check(view, rule);
      const result = isPromise(decision) ? decision.then(proceed) : proceed(decision);
      if (isPromise(result)) result.catch(failed);
    } catch (error) {
      failed(error);
    }
  };
}
