import type { Endpoint, Principal } from "../contracts/index.ts";
import { jsonAnswer } from "../http/index.ts";
import { instantText } from "../primitives/index.ts";

/** `GET /whoami`: any credential in, the principal out. The smallest protected API, and the smoke test. */
export const whoamiEndpoint: Endpoint = {
  method: "GET",
  path: "/whoami",
  rule: {},
  handle: ({ principal }) => jsonAnswer(200, principalJson(principal)),
};

/** A principal as JSON: instants as RFC 3339 texts, absent things as null. */
export function principalJson(principal: Principal): Record<string, unknown> {
  return {
    subject: principal.subject,
    kind: principal.kind,
    method: principal.method,
    credentialId: principal.credentialId,
    scopes: principal.scopes,
    roles: principal.roles,
    authenticatedAt: instantText(principal.authenticatedAt),
    expiresAt: instantText(principal.expiresAt),
    assurance: { acr: principal.assurance.acr ?? null, amr: principal.assurance.amr },
    confirmation: principal.confirmation ?? null,
    claims: principal.claims,
  };
}
