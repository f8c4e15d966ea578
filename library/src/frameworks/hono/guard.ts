import type { ServerResponse } from "node:http";
import type { Context, MiddlewareHandler } from "hono";
import {
  type Answered,
  type Decision,
  type Gate,
  isPromise,
  type Principal,
  type RequestView,
  type RuleOptions,
} from "../../contracts/index.ts";
import { deniedAnswer, rateLimitFields } from "../../http/index.ts";
import { faultResponse, toResponse } from "../fetch/index.ts";
import { honoView, type Runtime } from "./view.ts";

declare module "hono" {
  interface ContextVariableMap {
    /** Who sent this request. Set by a guard. */
    principal: Principal;
  }
}

/**
 * Protects what comes after it: a caller that the rule lets in is in `c.get("principal")`. What the route throws goes to
 * `app.onError`. Options are checked here, at once.
 */
export function guard<Resource = RequestView>(auth: Gate, options: RuleOptions<Resource> = {}, runtime: Runtime = {}): MiddlewareHandler {
  const rule = auth.rule(options);
  return (context, next) => {
    const view = honoView(context, runtime);
    const failed = (error: unknown) => faultResponse(auth, error, view);
    const proceed = (decision: Decision): Response | Promise<void> =>
      decision.allowed
        ? enter(context, decision, view.requestId, next)
        : toResponse(deniedAnswer(decision, view.requestId), context.req.method);
    let decision: ReturnType<Gate["check"]>;
    try {
      decision = auth.check(view, rule);
    } catch (error) {
      return Promise.resolve(failed(error));
    }
    return isPromise(decision) ? decision.then<Response | void, Response>(proceed, failed) : Promise.resolve(proceed(decision));
  };
}

function enter(
  context: Context,
  decision: Extract<Decision, { allowed: true }>,
  requestId: string,
  next: () => Promise<void>,
): Promise<void> {
  context.set("principal", decision.principal);
  setField(context, "x-request-id", requestId);
  if (decision.rateLimit !== undefined) {
    for (const [name, value] of Object.entries(rateLimitFields(decision.rateLimit))) setField(context, name, value);
  }
  return decision.answered === undefined ? next() : tell(context, decision.answered, next);
}

/** On Node straight to the server's answer, which the route's fields join: one given to Hono makes it build a `Headers` first. */
function setField(context: Context, name: string, value: string): void {
  const outgoing = (context.env as { outgoing?: ServerResponse } | undefined)?.outgoing;
  if (outgoing?.headersSent === false) outgoing.setHeader(name, value);
  else context.header(name, value);
}

/** What the route throws, Hono has answered by `onError` before `next` resolves. */
async function tell(context: Context, answered: Answered, next: () => Promise<void>): Promise<void> {
  let status = 500;
  try {
    await next();
    status = context.res.status;
  } finally {
    answered(status);
  }
}
