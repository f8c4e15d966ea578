import {
  type ActedBy,
  type Answer,
  type Decision,
  type Endpoint,
  type Exchange,
  isRefusal,
  type MaybePromise,
  type Refusal,
  type RequestView,
  type Verified,
} from "../../../../contracts/index.ts";
import { deniedAnswer, originOf, textAnswer, withHeaders } from "../../../../http/index.ts";
import type { JsonObject, JwsAlgorithm } from "../../../../primitives/index.ts";
import { errorAnswer, oauthAnswer } from "../answer.ts";
import type { AuthenticateClient } from "../client-authentication/index.ts";
import { isPublicClient } from "../clients/index.ts";
import { readForm, required, type RequestParameters } from "../parameters.ts";
import { oauthRefusals } from "../refusals.ts";
import { type Asker, introspectionBody, introspectionType, type IssueIntrospection } from "../tokens/index.ts";

export interface IntrospectParts {
  readonly authenticate: AuthenticateClient;
  /** Asks the gate whether this request comes from somebody who may ask about every token. */
  readonly checkKey: (view: RequestView) => MaybePromise<Decision>;
  /** Judges a token or API key of ours, whichever it is and whoever it is for. Undefined: of no form that we know. */
  readonly judge: (token: string, at: number) => MaybePromise<Verified | Refusal | undefined>;
  /** The audience of what names none: an API key. */
  readonly audience: string;
  /** Signs an answer for whoever asks for a signed one. */
  readonly issue: IssueIntrospection;
}

/** Who asks, and about which tokens: those of its own and those for these audiences, or all. */
interface Caller extends Asker {
  readonly audiences: readonly string[] | "all";
}

/** Of those who registered no other (RFC 9701 s.6). */
const usualAlgorithm: JwsAlgorithm = "RS256";

/**
 * `POST /oauth/introspect` (RFC 7662; signed as RFC 9701 says where `Accept` names that form): what a token is good for now, for a client that authenticates, or a key with the
 * scope `tokens:introspect`. A client hears of its own tokens and of those for the audiences that it is registered to ask
 * about; everything else is `{"active":false}`, whatever it is.
 */
export function introspectEndpoint(parts: IntrospectParts): Endpoint {
  return {
    method: "POST",
    path: "/oauth/introspect",
    rule: undefined,
    async handle(exchange) {
      const { view, at } = exchange;
      const origin = originOf(exchange);
      const parameters = await readForm(view);
      if (isRefusal(parameters)) return errorAnswer(parameters, view);
      const by = { actor: undefined, method: undefined, origin };
      const caller = hasKey(view) ? await callerByKey(exchange, parts) : await callerAsClient(parameters, exchange, by, parts);
      if ("status" in caller) return caller;
      const token = required(parameters, "token", 16_384);
      if (isRefusal(token)) return errorAnswer(token, view);
      const verdict = await parts.judge(token, at);
      const body = told(verdict, caller, parts);
      if (!wantsSigned(view)) return oauthAnswer(body);
      return withHeaders(textAnswer(200, await parts.issue(caller, body), introspectionType), { pragma: "no-cache" });
    },
  };
}

function told(verdict: Verified | Refusal | undefined, caller: Caller, { audience }: IntrospectParts): JsonObject {
  const body = verdict === undefined || isRefusal(verdict) ? undefined : introspectionBody(verdict, caller.id);
  return body !== undefined && within(body, caller, audience) ? body : { active: false };
}

/** By name only: who takes anything gets JSON (RFC 9701 s.4). */
function wantsSigned(view: RequestView): boolean {
  const accept = view.header("accept");
  if (typeof accept !== "string") return false;
  const [, weight] = accept.toLowerCase().match(/(?:^|,)\s*application\/token-introspection\+jwt\s*(?:;\s*q=([\d.]+)\s*)?(?:,|$)/) ?? [
    "",
    "0",
  ];
  return weight === undefined || Number(weight) > 0;
}

function hasKey(view: RequestView): boolean {
  const authorization = view.header("authorization");
  return view.header("x-api-key") !== undefined || (typeof authorization === "string" && /^bearer /i.test(authorization));
}

async function callerByKey({ view }: Exchange, parts: IntrospectParts): Promise<Caller | Answer> {
  const decision = await parts.checkKey(view);
  if (!decision.allowed) return deniedAnswer(decision, view.requestId);
  // People give their own keys any scope; what others hold is none of their business.
  const { kind, subject } = decision.principal;
  if (kind !== "user") return { id: subject, audiences: "all", algorithm: usualAlgorithm };
  return errorAnswer(
    oauthRefusals["access-denied"]({ detail: `${subject} is a person`, hint: "Only services and clients may introspect." }),
    view,
  );
}

async function callerAsClient(
  parameters: RequestParameters,
  { view, at }: Exchange,
  by: ActedBy,
  parts: IntrospectParts,
): Promise<Caller | Answer> {
  const client = await parts.authenticate(view, parameters, at, by);
  if (isRefusal(client)) return errorAnswer(client, view);
  if (isPublicClient(client))
    return errorAnswer(oauthRefusals["invalid-client"]({ detail: `${client.id} is public and proves nothing` }), view);
  const { introspects, introspection_signed_response_alg: algorithm = usualAlgorithm } = client.metadata;
  const audiences = Array.isArray(introspects) ? (introspects as string[]) : [];
  return { id: client.id, audiences, algorithm: algorithm as JwsAlgorithm };
}

function within(body: JsonObject, { id, audiences }: Caller, otherwise: string): boolean {
  if (audiences === "all" || body["client_id"] === id) return true;
  const { aud = otherwise } = body;
  return (Array.isArray(aud) ? aud : [aud]).some((one) => audiences.includes(one as string));
}
