import type { FastifyReply, FastifyRequest } from "fastify";
import { type Decision, type Gate, isPromise, type Principal, type RequestView, type RuleOptions } from "../../contracts/index.ts";
import { deniedAnswer, rateLimitFields } from "../../http/index.ts";
import { NodeRequestView, tellAnswered } from "../node/index.ts";
import { sendAnswer, sendFault } from "./answer.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who sent this request. Set by a guard; a route without one has nobody. */
    principal?: Principal;
  }
}

/**
 * A hook for `onRequest` (before the body is read) or `preHandler`: the route runs only for a caller that the rule lets
 * in, who is then in `request.principal`. In callback form, so that a warm credential costs no promise. Options are
 * checked here, at once.
 *
 *     app.get("/posts", { onRequest: guard(auth, { scopes: ["posts:read"] }) }, (request) => request.principal);
 */
export function guard<Resource = RequestView>(auth: Gate, options: RuleOptions<Resource> = {}) {
  const rule = auth.rule(options);
  return (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void => {
    const view = new NodeRequestView(request.raw, undefined, request);
    const proceed = (decision: Decision): void => {
      if (!decision.allowed) return void sendAnswer(request, reply, deniedAnswer(decision, view.requestId));
      request.principal = decision.principal;
      tellAnswered(reply.raw, decision.answered);
      reply.header("x-request-id", view.requestId);
      if (decision.rateLimit !== undefined) reply.headers(rateLimitFields(decision.rateLimit));
      done();
    };
    const failed = (error: unknown): void => void sendFault(auth, request, reply, error, view.requestId);
    let decision: ReturnType<Gate["check"]>;
    try {
      decision = auth.check(view, rule);
    } catch (error) {
      return failed(error);
    }
    if (isPromise(decision)) decision.then(proceed, failed).catch(done);
    else proceed(decision);
  };
}
