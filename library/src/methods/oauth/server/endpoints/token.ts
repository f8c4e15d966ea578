import {
  type Answer,
  type Endpoint,
  type Exchange,
  isPromise,
  isRefusal,
  type MaybePromise,
  type Refusal,
} from "../../../../contracts/index.ts";
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
      const request = { client, parameters, view, at: exchange.at, by: { actor: client.id, method: client.authentication, origin } };
      return answered(await bind(request, parts.bindings), grant, request, exchange);
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

async function bind(request: Omit<TokenRequest, "bound">, bindings: readonly Binding[]): Promise<Bound | Refusal | undefined> {
  for (const binding of bindings) {
    const bound = await binding.bind(request);
    if (bound !== undefined) return bound;
  }
  return undefined;
}

function answered(
  bound: Bound | Refusal | undefined,
  grant: Grant,
  request: Omit<TokenRequest, "bound">,
  { view }: Exchange,
): MaybePromise<Answer> {
  if (isRefusal(bound)) return errorAnswer(bound, view);
  const response = grant.answer({ ...request, bound });
  const finish = (made: Awaited<typeof response>) => (isRefusal(made) ? errorAnswer(made, view) : oauthAnswer(made));
  return isPromise(response) ? response.then(finish) : finish(response);
}
