import { after, type Answer, type Endpoint, isRefusal, type MaybePromise, type Refusal } from "../../../../contracts/index.ts";
import { originOf } from "../../../../http/index.ts";
import { errorAnswer, oauthAnswer } from "../answer.ts";
import type { AuthenticateClient } from "../client-authentication/index.ts";
import type { KnownClient } from "../clients/index.ts";
import type { Binding, Bound, Grant, TokenRequest } from "../grants/index.ts";
import { malformed, queryOf, readForm, type RequestParameters } from "../parameters.ts";
import { oauthRefusals } from "../refusals.ts";

export interface TokenEndpointParts {
  readonly authenticate: AuthenticateClient;
  readonly grants: readonly Grant[];
  /** The first that finds a key binds the tokens to it. */
  readonly bindings: readonly Binding[];
}

/** `POST /oauth/token` (RFC 6749 s.3.2): which client, which grant, what it is bound to, and the tokens. */
export function tokenEndpoint(parts: TokenEndpointParts): Endpoint {
  const grants = new Map(parts.grants.map((grant) => [grant.type, grant]));
  return {
    method: "POST",
    path: "/oauth/token",
    rule: undefined,
    async handle(exchange) {
      const { view } = exchange;
      const origin = originOf(exchange);
      if (queryOf(view) !== "") return errorAnswer(malformed("Parameters belong into the body, not into the URL."), view);
      const parameters = await readForm(view);
      if (isRefusal(parameters)) return errorAnswer(parameters, view);
      const client = await parts.authenticate(view, parameters, exchange.at, { actor: undefined, method: undefined, origin });
      if (isRefusal(client)) return errorAnswer(client, view);
      const grant = grantFor(grants, parameters, client);
      if (isRefusal(grant)) return errorAnswer(grant, view);
      const by = { actor: client.id, method: client.authentication, origin };
      const { at } = exchange;
      return after(bind({ client, parameters, view, at, by }, parts.bindings), (bound) =>
        isRefusal(bound) ? errorAnswer(bound, view) : answered(grant, { client, parameters, view, at, by, bound }),
      );
    },
  };
}

function grantFor(grants: ReadonlyMap<string, Grant>, parameters: RequestParameters, client: KnownClient): Grant | Refusal {
  const type = parameters.get("grant_type");
  if (type === undefined) return malformed("grant_type is required.");
  const grant = grants.get(type);
  if (grant === undefined) return oauthRefusals["unsupported-grant-type"]({ detail: type.slice(0, 100) });
  return client.grants.includes(type)
    ? grant
    : oauthRefusals["unauthorized-client"]({ detail: `${client.id} is not registered for ${type}` });
}

function bind(request: Omit<TokenRequest, "bound">, bindings: readonly Binding[], from = 0): MaybePromise<Bound | Refusal | undefined> {
  const binding = bindings[from];
  return binding === undefined ? undefined : after(binding.bind(request), (bound) => bound ?? bind(request, bindings, from + 1));
}

function answered(grant: Grant, request: TokenRequest): MaybePromise<Answer> {
  return after(grant.answer(request), (made) => (isRefusal(made) ? errorAnswer(made, request.view) : oauthAnswer(made)));
}
