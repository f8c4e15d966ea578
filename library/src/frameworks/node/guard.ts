import type { IncomingMessage, ServerResponse } from "node:http";
import { type Decision, type Gate, isPromise, type Principal, type RequestView, type RuleOptions } from "../../contracts/index.ts";
import { crashAnswer, deniedAnswer, rateLimitFields } from "../../http/index.ts";
import { tellAnswered } from "./answered.ts";
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
 * A handler that throws or rejects is answered 500 by us, since nobody else would, and goes to `onFault`. Options are
 * checked here, at once.
 *
 *     createServer(guard(auth, { scopes: ["posts:read"] }, (req, res) => res.end(req.principal.subject)));
 */
export function guard<Resource = RequestView>(
  auth: Gate,
  options: RuleOptions<Resource>,
  handler: Handler<GuardedRequest>,
): Handler<IncomingMessage> {
  const rule = auth.rule(options);
  return (request, response) => {
    const view = new NodeRequestView(request);
    const failed = (error: unknown): void => writeFault(auth, request, response, error, view.requestId);
    const crashed = (error: unknown): void => {
      auth.report(error, view.requestId);
      writeAnswer(request, response, crashAnswer(view.requestId));
    };
    const proceed = (decision: Decision): void => {
      if (!decision.allowed) return writeAnswer(request, response, deniedAnswer(decision, view.requestId));
      request.principal = decision.principal;
      tellAnswered(response, decision.answered);
      response.setHeader("x-request-id", view.requestId);
      if (decision.rateLimit !== undefined) response.setHeaders(new Map(Object.entries(rateLimitFields(decision.rateLimit))));
      try {
        const result = handler(request as GuardedRequest, response);
        if (isPromise(result)) result.catch(crashed);
      } catch (error) {
        crashed(error);
      }
    };
    let decision: ReturnType<Gate["check"]>;
    try {
      decision = auth.check(view, rule);
    } catch (error) {
      return failed(error);
    }
    if (isPromise(decision)) decision.then(proceed, failed);
    else proceed(decision);
  };
}
