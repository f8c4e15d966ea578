import { type Answer, type Endpoint, knownAs, type Principal } from "../contracts/index.ts";
import { jsonAnswer } from "../http/index.ts";
import { instantText } from "../primitives/index.ts";

/**
 * `GET /whoami`: any credential in, the principal out. The smallest protected API, and the smoke test. A principal never
 * changes, so what is said of one that is remembered is written once. Not of one that is here for the first time: many never
 * come again, and what is kept of them is work for the collector.
 */
export function whoamiEndpoint(): Endpoint {
  const answers = new WeakMap<Principal, Answer>();
  return {
    method: "GET",
    path: "/whoami",
    rule: {},
    handle({ principal, remembered }) {
      const known = remembered ? answers.get(principal) : undefined;
      if (known !== undefined) return known;
      const answer = jsonAnswer(200, principalJson(principal));
      if (remembered) answers.set(principal, answer);
      return answer;
    },
  };
}

/** A principal as JSON, for who holds the credential: instants as RFC 3339 texts, absent things as null. */
export function principalJson(principal: Principal): Record<string, unknown> {
  return {
    subject: knownAs(principal),
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
