import {
  type Answer,
  type Decision,
  type Endpoint,
  type Exchange,
  isRefusal,
  knownAs,
  type MaybePromise,
  type RequestView,
} from "../../../../contracts/index.ts";
import { deniedAnswer, jsonAnswer, textAnswer } from "../../../../http/index.ts";
import { type JwsAlgorithm, signJws, type SigningKey } from "../../../../primitives/index.ts";
import { errorAnswer } from "../answer.ts";
import type { ClientSource } from "../clients/index.ts";
import { malformed, readForm } from "../parameters.ts";
import { type KnownPerson, personClaims } from "../tokens/index.ts";

export interface UserinfoParts {
  readonly issuer: string;
  /** Asks the gate for an access token with the scope `openid`. */
  readonly check: (view: RequestView) => MaybePromise<Decision>;
  readonly person: (subject: string) => MaybePromise<KnownPerson | undefined>;
  readonly clients: ClientSource;
  readonly signer: (algorithm: JwsAlgorithm) => MaybePromise<SigningKey>;
}

/** `GET` and `POST /oauth/userinfo` (OpenID Connect Core s.5.3): what an access token lets its holder know of the person. */
export function userinfoEndpoints(parts: UserinfoParts): readonly Endpoint[] {
  const handle = (exchange: Exchange) => answer(exchange, parts);
  return [
    { method: "GET", path: "/oauth/userinfo", rule: undefined, handle },
    { method: "POST", path: "/oauth/userinfo", rule: undefined, handle },
  ];
}

async function answer({ view }: Exchange, parts: UserinfoParts): Promise<Answer> {
  const carrier = await carrierOf(view);
  if (!("header" in carrier)) return carrier;
  const decision = await parts.check(carrier);
  if (!decision.allowed) return deniedAnswer(decision, view.requestId);
  const { subject, scopes, claims } = decision.principal;
  const person = await parts.person(subject);
  const facts = { sub: knownAs(decision.principal), ...(person === undefined ? {} : personClaims(person, scopes)) };
  const clientId = claims["client_id"];
  const client = typeof clientId === "string" ? await parts.clients.find(clientId) : undefined;
  const algorithm = client?.metadata["userinfo_signed_response_alg"];
  if (algorithm === undefined) return jsonAnswer(200, facts);
  const key = await parts.signer(algorithm as JwsAlgorithm);
  return textAnswer(200, signJws({ ...facts, iss: parts.issuer, aud: client!.id }, "JWT", key), "application/jwt");
}

/** The request, with a token that came in the body put where the gate looks for it (RFC 6750 s.2.2). */
async function carrierOf(view: RequestView): Promise<RequestView | Answer> {
  const type = view.header("content-type");
  const isForm = typeof type === "string" && type.toLowerCase().startsWith("application/x-www-form-urlencoded");
  if (view.method !== "POST" || !isForm) return view;
  const parameters = await readForm(view);
  if (isRefusal(parameters)) return errorAnswer(parameters, view);
  const token = parameters.get("access_token");
  if (token === undefined) return view;
  if (view.header("authorization") !== undefined) return errorAnswer(malformed("The token came in two ways; send it in one."), view);
  return {
    method: view.method,
    target: view.target,
    requestId: view.requestId,
    peerAddress: view.peerAddress,
    encrypted: view.encrypted,
    header: (name) => (name === "authorization" ? `Bearer ${token}` : view.header(name)),
    body: (limit, form) => view.body(limit, form),
  };
}
