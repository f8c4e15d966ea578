import type { IncomingMessage, ServerResponse } from "node:http";
import { type Decision, type Gate, isPromise, type Principal, type RequestView, type RuleOptions } from "../../contracts/index.ts";
import { deniedAnswer, rateLimitFields } from "../../http/index.ts";
import { NodeRequestView, tellAnswered, writeAnswer, writeFault } from "../node/index.ts";

declare global {
  namespace Express {
    interface Request {
      /** Who sent this request. Set by a guard; a route without one has nobody. */
      principal?: Principal;
    }
  }
}

/** A middleware of Express, said without importing its types. */
export type Middleware = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;

/**
 * Protects what comes after it: `next` is called only for a caller that the rule lets in, who is then in
 * `req.principal`. Refusals are answered here; a fault is answered 503. Options are checked here, at once. The same on
 * Express 4, since nothing here rejects.
 */
export function guard<Resource = RequestView>(auth: Gate, options: RuleOptions<Resource> = {}): Middleware {
  const rule = auth.rule(options);
  return (request, response, next) => {
    // Under a router `url` has lost its prefix; the audit shall show what the client sent.
    const view = new NodeRequestView(request, (request as { originalUrl?: string }).originalUrl);
    const proceed = (decision: Decision): void => {
      if (!decision.allowed) return writeAnswer(request, response, deniedAnswer(decision, view.requestId));
      request.principal = decision.principal;
      tellAnswered(response, decision.answered);
      response.setHeader("x-request-id", view.requestId);
      if (decision.rateLimit !== undefined) response.setHeaders(new Map(Object.entries(rateLimitFields(decision.rateLimit))));
      next();
    };
    const failed = (error: unknown): void => writeFault(auth, request, response, error, view.requestId);
    let decision: ReturnType<Gate["check"]>;
    try {
      decision = auth.check(view, rule);
    } catch (error) {
      return failed(error);
    }
    // What the route behind `next` throws is the framework's to answer, not a fault of ours.
    if (isPromise(decision)) decision.then(proceed, failed).catch(next);
    else proceed(decision);
  };
}
