import { isPromise, isRefusal, type MaybePromise, type Refusal, type Store } from "../../../../contracts/index.ts";
import type { IssueAccessToken, IssuedAccessToken } from "../tokens/index.ts";
import { isPublicClient } from "../clients/index.ts";
import { oauthRefusals } from "../refusals.ts";
import type { Grant, TokenRequest, TokenResponse } from "./grant.ts";
import { tokenResponse } from "./response.ts";
import { personalScopes, wantedResources, wantedScopes } from "../wanted.ts";

export interface ClientCredentialsParts {
  readonly store: Store;
  readonly audiences: readonly string[];
  readonly issue: IssueAccessToken;
}

/** `client_credentials` (RFC 6749 s.4.4): a client in its own name. No refresh token: it can always ask again. */
export function clientCredentials(parts: ClientCredentialsParts): Grant {
  return { type: "client_credentials", answer: (request) => answer(request, parts) };
}

function answer(request: TokenRequest, parts: ClientCredentialsParts): MaybePromise<TokenResponse | Refusal> {
  const { client, parameters, bound } = request;
  if (isPublicClient(client)) return oauthRefusals["unauthorized-client"]({ detail: `${client.id} is public` });
  const scopes = wantedScopes(parameters, client);
  if (isRefusal(scopes)) return scopes;
  const personal = scopes.find((scope) => personalScopes.includes(scope));
  if (personal !== undefined) return oauthRefusals["invalid-scope"]({ hint: `${personal} is for people; there is none here.` });
  const resources = wantedResources(parameters, client, parts.audiences);
  if (isRefusal(resources)) return resources;
  const { id: subject, roles } = client;
  const issued = parts.issue({ client, subject, kind: "client", roles, scopes, resources, confirmation: bound?.confirmation });
  const finish = (token: IssuedAccessToken): MaybePromise<TokenResponse> => {
    const response = tokenResponse(token, scopes, request);
    return token.write === undefined ? response : parts.store.write(token.write).then(() => response);
  };
  return isPromise(issued) ? issued.then(finish) : finish(issued);
}
