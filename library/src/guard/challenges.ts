import type { Challenge, Credential, Method, Refusal, RequestView, Rule } from "../contracts/index.ts";

interface Denial {
  readonly refusal: Refusal;
  /** Undefined: none was looked at. */
  readonly credential: Credential | undefined;
  readonly rule: Rule;
  readonly methods: readonly Method[];
  readonly view: RequestView;
}

/**
 * The challenges of a refusal. 401: those of every method the route accepts (RFC 9110 s.11.6.1). Bearer carries `error`
 * only when a credential was presented by it (RFC 6750 s.3.1), DPoP likewise (RFC 9449 s.7.1). 403 tells of a missing scope only.
 */
export function challengesFor({ refusal, credential, rule, methods, view }: Denial): readonly Challenge[] {
  const told = errorParameters(refusal, credential);
  if (refusal.status === 403)
    return refusal.bearerError === "insufficient_scope" && told !== undefined
      ? [{ scheme: tellingScheme(credential), parameters: told }]
      : [];
  if (refusal.status !== 401) return [];
  const accepted = methods.filter((method) => rule.methods === undefined || rule.methods.includes(method.name));
  const ambientToo = accepted.some((method) => method.ambient);
  const offered = accepted.flatMap((method) => method.challenge(view, ambientToo) ?? []);
  return told === undefined
    ? offered
    : offered.map((challenge) =>
        challenge.scheme === tellingScheme(credential)
          ? { scheme: challenge.scheme, parameters: { ...challenge.parameters, ...told } }
          : challenge,
      );
}

/** A 401 with the invitations that are fields of their own (RFC 9421 s.5.1), of every method the route accepts. */
export function withChallengeFields(refusal: Refusal, rule: Rule, methods: readonly Method[]): Refusal {
  if (refusal.status !== 401) return refusal;
  const fields = methods.flatMap(({ name, challengeFields }) =>
    challengeFields !== undefined && (rule.methods === undefined || rule.methods.includes(name)) ? [challengeFields] : [],
  );
  return fields.length === 0 ? refusal : { ...refusal, headers: Object.assign({}, ...fields, refusal.headers) as Record<string, string> };
}

/** The scheme whose challenge says what was wrong. */
function tellingScheme(credential: Credential | undefined): "DPoP" | "Bearer" {
  return credential?.scheme?.toLowerCase() === "dpop" ? "DPoP" : "Bearer";
}

function errorParameters(refusal: Refusal, credential: Credential | undefined): Record<string, string> | undefined {
  if (refusal.bearerError === undefined) return undefined;
  const stepUp = refusal.bearerError === "insufficient_scope" || refusal.bearerError === "insufficient_user_authentication";
  const byToken = credential === undefined || ["bearer", "dpop"].includes(credential.scheme?.toLowerCase() ?? "");
  if (!stepUp && !byToken) return undefined;
  return { error: refusal.bearerError, error_description: refusal.title, ...refusal.challengeParameters };
}
