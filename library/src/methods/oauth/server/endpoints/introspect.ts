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
import { deniedAnswer, originOf } from "../../../../http/index.ts";
import { errorAnswer, oauthAnswer } from "../answer.ts";
import type { AuthenticateClient } from "../client-authentication/index.ts";
import { isPublicClient } from "../clients/index.ts";
import { readForm, required, type RequestParameters } from "../parameters.ts";
import { oauthRefusals } from "../refusals.ts";
import { introspectionBody } from "../tokens/index.ts";

export interface IntrospectParts {
  readonly authenticate: AuthenticateClient;
  /** Asks the gate whether this request comes from somebody who may ask about every token. */
  readonly checkKey: (view: RequestView) => MaybePromise<Decision>;
  /** Judges a token or API key of ours, whichever it is and whoever it is for. Undefined: of no form that we know. */
  readonly judge: (token: string, at: number) => MaybePromise<Verified | Refusal | undefined>;
  /** The audience of what names none: an API key. */
  readonly audience: string;
}

/** Which tokens a caller may ask about: those of this client, and those for these audiences. */
type Reach = { readonly clientId: string; readonly audiences: readonly string[] } | "all";

/**
 * `POST /oauth/introspect` (RFC 7662): what a token is good for now, for a client that authenticates, or a key with the
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
      const reach = hasKey(view) ? await reachOfKey(exchange, parts) : await reachOfClient(parameters, exchange, by, parts);
      if (reach !== "all" && "status" in reach) return reach;
      const token = required(parameters, "token", 16_384);
      if (isRefusal(token)) return errorAnswer(token, view);
      const verdict = await parts.judge(token, at);
      if (verdict === undefined || isRefusal(verdict)) return inactive();
      const body = introspectionBody(verdict);
      return within(body, reach, parts.audience) ? oauthAnswer(body) : inactive();
    },
  };
}

const inactive = (): Answer => oauthAnswer({ active: false });

function hasKey(view: RequestView): boolean {
  const authorization = view.header("authorization");
  return view.header("x-api-key") !== undefined || (typeof authorization === "string" && /^bearer /i.test(authorization));
}

async function reachOfKey({ view }: Exchange, parts: IntrospectParts): Promise<Reach | Answer> {
  const decision = await parts.checkKey(view);
  if (!decision.allowed) return deniedAnswer(decision, view.requestId);
  // People give their own keys any scope; what others hold is none of their business.
  const { kind, subject } = decision.principal;
  if (kind !== "user") return "all";
  return errorAnswer(
    oauthRefusals["access-denied"]({ detail: `${subject} is a person`, hint: "Only services and clients may introspect." }),
    view,
  );
}

async function reachOfClient(
  parameters: RequestParameters,
  { view, at }: Exchange,
  by: ActedBy,
  parts: IntrospectParts,
): Promise<Reach | Answer> {
  const client = await parts.authenticate(view, parameters, at, by);
  if (isRefusal(client)) return errorAnswer(client, view);
  if (isPublicClient(client))
    return errorAnswer(oauthRefusals["invalid-client"]({ detail: `${client.id} is public and proves nothing` }), view);
  const { introspects } = client.metadata;
  return { clientId: client.id, audiences: Array.isArray(introspects) ? (introspects as string[]) : [] };
}

function within(body: Readonly<Record<string, unknown>>, reach: Reach, otherwise: string): boolean {
  if (reach === "all" || body["client_id"] === reach.clientId) return true;
  const { aud = otherwise } = body;
  return (Array.isArray(aud) ? aud : [aud]).some((one) => reach.audiences.includes(one as string));
}
