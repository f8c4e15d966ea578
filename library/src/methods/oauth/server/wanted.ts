import { isRefusal, type Refusal } from "../../../contracts/index.ts";
import { isScopeToken } from "../../../primitives/index.ts";
import type { Client, KnownClient } from "./clients/index.ts";
import { readScopes, type RequestParameters } from "./parameters.ts";
import { oauthRefusals } from "./refusals.ts";

/** Scopes that only a person can give. */
export const personalScopes: readonly string[] = ["openid", "profile", "email", "offline_access"];

/**
 * The scopes of a request: those that it names, all of which the client may ask for; where it names none, those that it is
 * registered for beside OpenID Connect's (RFC 6749 s.3.3). A client that registered itself named what it knew of then; an API
 * tells it of others later (`insufficient_scope`, RFC 6750 s.3.1), and a person is asked about them.
 */
export function wantedScopes(parameters: RequestParameters, client: KnownClient): readonly string[] | Refusal {
  const asked = readScopes(parameters, isScopeToken);
  if (isRefusal(asked)) return asked;
  if (asked === undefined) return client.scopes.filter((scope) => client.mayAskFor.includes(scope) && !personalScopes.includes(scope));
  const beyond = asked.find((scope) => !client.mayAskFor.includes(scope));
  if (beyond === undefined) return asked;
  return oauthRefusals["invalid-scope"]({
    detail: `${client.id} may not ask for ${beyond}`,
    hint: `This client may not ask for ${beyond}.`,
  });
}

/**
 * The resources of a request (RFC 8707 s.2): absolute URIs without fragment, among those that are configured and those of the
 * client. None: the default audience.
 */
export function wantedResources(parameters: RequestParameters, client: Client, audiences: readonly string[]): readonly string[] | Refusal {
  const asked = [...new Set(parameters.list("resource"))];
  if (asked.length === 0) return client.resources === undefined ? [] : client.resources.slice(0, 1);
  const allowed = client.resources ?? audiences;
  const wrong = asked.find((resource) => !allowed.includes(resource));
  if (wrong === undefined) return asked;
  const isResource = URL.canParse(wrong) && !wrong.includes("#");
  return oauthRefusals["invalid-target"]({
    detail: `${client.id} asked for ${wrong.slice(0, 200)}`,
    hint: isResource ? "This resource is not known, or not for this client." : "resource must be an absolute URI without a fragment.",
  });
}
