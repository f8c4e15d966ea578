import type { Attempt, MaybePromise, Refusal, Rule, Verified } from "../../contracts/index.ts";
import { askCan } from "./can.ts";
import { authorizationRefusals } from "./refusals.ts";

/** What a role may do; undefined: nothing that anybody defined. Throws a Fault when it cannot know. */
export type PermissionsOf = (role: string) => ReadonlySet<string> | undefined;

/**
 * Checks the rule: scopes (exact, all of them; RFC 6749 s.3.3), roles (one of them), permission (of one of the roles),
 * assurance and age of the proof (RFC 9470), and last what the app itself says of this very thing. Nothing is a prefix or
 * a pattern of anything here. Waits only for a rule with `can`.
 */
export function authorizer(permissionsOf: PermissionsOf): (verified: Verified, attempt: Attempt) => MaybePromise<Refusal | undefined> {
  return (verified, attempt) => {
    const refusal = judge(verified, attempt, permissionsOf);
    const { can } = attempt.rule;
    return refusal === undefined && can !== undefined ? askCan(can, verified, attempt) : refusal;
  };
}

function judge(verified: Verified, attempt: Attempt, permissionsOf: PermissionsOf): Refusal | undefined {
  const { rule } = attempt;
  const { principal } = verified;
  const lacking = verified.inPerson === true ? undefined : missingScope(rule.scopes, principal.scopes);
  if (lacking !== undefined) return scopeMissing(rule, lacking);
  if (rule.roles.length > 0 && !rule.roles.some((role) => principal.roles.includes(role))) {
    return authorizationRefusals["role-missing"]({ detail: `needs one of the roles ${rule.roles.join(", ")}` });
  }
  const { permission } = rule;
  if (permission !== undefined && !principal.roles.some((role) => permissionsOf(role)?.has(permission) === true)) {
    return authorizationRefusals["permission-missing"]({
      detail: `no role gives ${permission}; roles: ${principal.roles.join(", ") || "none"}`,
    });
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

/** By number: over a frozen list V8 makes an object for each step of `for … of`, on every request. */
function missingScope(needed: readonly string[], held: readonly string[]): string | undefined {
  for (let index = 0; index < needed.length; index += 1) if (!held.includes(needed[index]!)) return needed[index];
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
