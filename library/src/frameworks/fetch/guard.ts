import type { Decision, MaybePromise, Principal, Rule, RuleOptions } from "../../contracts/index.ts";
import { deniedAnswer, faultAnswer, httpRefusals, rateLimitFields, refusalAnswer } from "../../http/index.ts";
import type { Latchkey } from "../../face.ts";
import { toResponse } from "./response.ts";
import { FetchRequestView } from "./view.ts";

/** Who sends this request, and may they? By a rule of `auth.rule`. Rejects with a Fault when it cannot know: answer 503. */
export async function check(auth: Latchkey, request: Request, rule: Rule): Promise<Decision> {
  return auth.check(new FetchRequestView(request), rule);
}

/**
 * Protects a fetch handler: it runs only for a caller that the rule lets in. What it throws is its caller's to answer.
 * Options are checked here, at once.
 */
export function guard(
  auth: Latchkey,
  options: RuleOptions,
  handler: (request: Request, principal: Principal) => MaybePromise<Response>,
): (request: Request) => Promise<Response> {
  const rule = auth.rule(options);
  return async (request) => {
    const view = new FetchRequestView(request);
    let decision: Decision;
    try {
      decision = await auth.check(view, rule);
    } catch (error) {
      return toResponse(faultAnswer(error, view.requestId), request.method);
    }
    if (!decision.allowed) return toResponse(deniedAnswer(decision, view.requestId), request.method);
    const made = await handler(request, decision.principal);
    // A Response from elsewhere may have headers that cannot be changed.
    const response = new Response(made.body, made);
    response.headers.set("x-request-id", view.requestId);
    for (const [name, value] of Object.entries(rateLimitFields(decision.rateLimit))) response.headers.set(name, value);
    return response;
  };
}

/** Answers a request for one of Latchkey's own endpoints; 404 for any other path. */
export async function answerFetch(auth: Pick<Latchkey, "handle">, request: Request): Promise<Response> {
  const view = new FetchRequestView(request);
  try {
    const answer = await auth.handle(view);
    return toResponse(answer ?? refusalAnswer(httpRefusals["not-found"](), view.requestId), request.method);
  } catch (error) {
    return toResponse(faultAnswer(error, view.requestId), request.method);
  }
}
