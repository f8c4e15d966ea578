import type {
  Allowed,
  Decision,
  Gate,
  MaybePromise,
  PeerCertificate,
  Principal,
  RequestView,
  Rule,
  RuleOptions,
} from "../../contracts/index.ts";
import { deniedAnswer, faultAnswer, httpRefusals, rateLimitFields, refusalAnswer } from "../../http/index.ts";
import { toResponse } from "./response.ts";
import { FetchRequestView, type KnownOfRequest } from "./view.ts";

/** Who sends this request, and may they? By a rule of `auth.rule`. Rejects with a Fault when it cannot know: answer 503. */
export async function check(auth: Gate, request: Request, rule: Rule, known: KnownOfRequest = {}): Promise<Decision> {
  return auth.check(new FetchRequestView(request, known), rule);
}

/** What the runtime knows and a Request does not. `Context`: what the runtime passes beside the request. */
export interface Runtime<Context extends readonly unknown[]> {
  /**
   * The address of the peer of this connection, from which allow-lists, `trustProxy` and the limit of failed attempts
   * start. Without it the address is unknown: a key with an allow-list is refused.
   *
   *     Deno: { peerAddress: (request, info) => info.remoteAddr.hostname }
   *     Bun:  { peerAddress: (request, server) => server.requestIP(request)?.address ?? "" }
   */
  readonly peerAddress?: (request: Request, ...context: Context) => string;
  /** The client certificate of this connection, as DER, where the runtime tells. Deno and Bun do not: there a proxy ends TLS. */
  readonly certificate?: (request: Request, ...context: Context) => PeerCertificate | undefined;
}

/**
 * Protects a fetch handler: it runs only for a caller that the rule lets in. What it throws is its caller's to answer.
 * Options are checked here, at once.
 */
export function guard<Context extends readonly unknown[] = [], Resource = RequestView>(
  auth: Gate,
  options: RuleOptions<Resource>,
  handler: (request: Request, principal: Principal, ...context: Context) => MaybePromise<Response>,
  runtime: Runtime<Context> = {},
): (request: Request, ...context: Context) => Promise<Response> {
  const rule = auth.rule(options);
  return async (request, ...context) => {
    const view = new FetchRequestView(request, {
      peerAddress: runtime.peerAddress?.(request, ...context),
      certificate: runtime.certificate?.(request, ...context),
    });
    let decision: Decision;
    try {
      decision = await auth.check(view, rule);
    } catch (error) {
      return faultResponse(auth, error, view);
    }
    if (!decision.allowed) return toResponse(deniedAnswer(decision, view.requestId), request.method);
    const made = await answerOf(() => handler(request, decision.principal, ...context), decision);
    // A Response from elsewhere may have headers that cannot be changed.
    const response = new Response(made.body, made);
    response.headers.set("x-request-id", view.requestId);
    for (const [name, value] of Object.entries(rateLimitFields(decision.rateLimit))) response.headers.set(name, value);
    return response;
  };
}

/** The route's answer; the method that wants to know hears of it first. */
async function answerOf(answer: () => MaybePromise<Response>, decision: Allowed): Promise<Response> {
  try {
    const made = await answer();
    decision.answered?.(made.status);
    return made;
  } catch (error) {
    decision.answered?.(500);
    throw error;
  }
}

/** Answers a request for one of Latchkey's own endpoints; 404 for any other path. */
export async function answerFetch(auth: Pick<Gate, "handle" | "report">, request: Request, known: KnownOfRequest = {}): Promise<Response> {
  const view = new FetchRequestView(request, known);
  try {
    const answer = await auth.handle(view);
    return toResponse(answer ?? refusalAnswer(httpRefusals["not-found"](), view.requestId), request.method);
  } catch (error) {
    return faultResponse(auth, error, view);
  }
}

/** The last resort: whatever was thrown becomes 503 and goes to `onFault`, and nobody is let in. */
export function faultResponse(auth: Pick<Gate, "report">, error: unknown, view: { method: string; requestId: string }): Response {
  auth.report(error, view.requestId);
  return toResponse(faultAnswer(error, view.requestId), view.method);
}
