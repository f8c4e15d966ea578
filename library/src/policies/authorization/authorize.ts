import { type Attempt, defineRefusals, type Refusal, type Rule, type Verified } from "../../contracts/index.ts";

export const authorizationRefusals = defineRefusals("authorization", {
  "scope-missing": { status: 403, title: "The credential lacks a scope that this needs.", bearerError: "insufficient_scope" },
  "role-missing": { status: 403, title: "The caller has none of the roles that this needs." },
  "assurance-missing": {
    status: 401,
    title: "This needs a stronger sign-in.",
    bearerError: "insufficient_user_authentication",
  },
  "sign-in-too-old": {
    status: 401,
    title: "This needs a more recent sign-in.",
    bearerError: "insufficient_user_authentication",
  },
});

/**
 * Checks the rule: scopes (exact, all of them; RFC 6749 s.3.3), roles (one of them), assurance and age of the proof
 * (RFC 9470). Nothing is a prefix or a pattern of anything here.
 */
export function authorize(verified: Verified, attempt: Attempt): Refusal | undefined {
  const { rule } = attempt;
  const { principal } = verified;
  if (verified.inPerson !== true) for (const scope of rule.scopes) if (!principal.scopes.includes(scope)) return scopeMissing(rule, scope);
  if (rule.roles.length > 0 && !rule.roles.some((role) => principal.roles.includes(role))) {
    return authorizationRefusals["role-missing"]({ detail: `needs one of the roles ${rule.roles.join(", ")}` });
  }
  if (rule.assurance !== undefined && principal.assurance.acr !== rule.assurance) {
    return authorizationRefusals["assurance-missing"]({
      detail: `needs acr ${rule.assurance}, has ${principal.assurance.acr ?? "none"}`,
      challengeParameters: { acr_values: rule.assurance },
    });
  }
  const provenAt = verified.provenEachTime === true ? attempt.at : principal.authenticatedAt;
  if (rule.maxAgeMs !== undefined && attempt.at - provenAt > rule.maxAgeMs) {
    return authorizationRefusals["sign-in-too-old"]({
      detail: `signed in ${attempt.at - principal.authenticatedAt} ms ago, at most ${rule.maxAgeMs} allowed`,
      challengeParameters: { max_age: String(Math.floor(rule.maxAgeMs / 1000)) },
    });
  }
  return undefined;
}

function scopeMissing(rule: Rule, scope: string): Refusal {
  const needed = rule.scopes.join(" ");
  return authorizationRefusals["scope-missing"]({
    detail: `lacks ${scope}`,
    hint: `Needed: ${needed}.`,
    challengeParameters: { scope: needed },
  });
}
