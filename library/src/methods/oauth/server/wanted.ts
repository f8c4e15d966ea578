import { isRefusal, type Refusal } from "../../../contracts/index.ts";
import { isScopeToken } from "../../../primitives/index.ts";
import type { Client } from "./clients/index.ts";
import { readScopes, type RequestParameters } from "./parameters.ts";
import { oauthRefusals } from "./refusals.ts";

/** Scopes that only a person can give. */
export const personalScopes: readonly string[] = ["openid", "profile", "email", "offline_access"];

/**
 * The scopes of a request: those that it names, all of which the client must be registered for; where it names none, those
 * that it is registered for beside OpenID Connect's (RFC 6749 s.3.3).
 */
export function wantedScopes(parameters: RequestParameters, client: Client): readonly string[] | Refusal {
  const asked = readScopes(parameters, isScopeToken);
  if (isRefusal(asked)) return asked;
  if (asked === undefined) return client.scopes.filter((scope) => !personalScopes.includes(scope));
  const beyond = asked.find((scope) => !client.scopes.includes(scope));
  if (beyond === undefined) return asked;
  return oauthRefusals["invalid-scope"]({
    detail: `${client.id} is not registered for ${beyond}`,
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
