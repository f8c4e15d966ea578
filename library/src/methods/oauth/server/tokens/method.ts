import {
  type Challenge,
  type Credential,
  isPromise,
  isRefusal,
  type Method,
  type Refusal,
  type RequestView,
  type Verified,
} from "../../../../contracts/index.ts";
import { inspectToken, readBearer, Secret, tokenHint } from "../../../../primitives/index.ts";
import { type OpaqueTokens, opaqueTokenPrefix } from "./opaque.ts";
import { opaqueTokenRefusals } from "./refusals.ts";

interface OpaqueMethodParts {
  readonly tokens: Pick<OpaqueTokens, "verify">;
  /** This API. */
  readonly audience: string;
  /** Members of `cnf` that are proven on each request, by a policy of the gate. */
  readonly proofs: readonly string[];
  /** Schemes beside Bearer by which a token may come. */
  readonly challenges: readonly Challenge[];
}

/** The gate's side of opaque access tokens: told from other bearer tokens by their prefix (RFC 6750 s.2.1). */
export function opaqueTokenMethod({ tokens, audience, proofs, challenges }: OpaqueMethodParts): Method {
  const proven = (verdict: Verified | Refusal) => provable(verdict, proofs);
  const offered = [{ scheme: "Bearer", parameters: { realm: "api" } }, ...challenges];
  return {
    name: "opaque-token",
    ambient: false,
    reusable: true,
    queryParameters: ["access_token"],
    read: readToken,
    verify(credential, { at }) {
      const verdict = tokens.verify(credential.secret.reveal(), at, audience);
      return isPromise(verdict) ? verdict.then(proven) : proven(verdict);
    },
    challenge: () => offered,
  };
}

/** Who presents a bound token must prove the key (RFC 8705, RFC 9449); as a bearer token it is stolen. */
function provable(verdict: Verified | Refusal, proofs: readonly string[]): Verified | Refusal {
  if (isRefusal(verdict) || verdict.principal.confirmation === undefined) return verdict;
  const unknown = Object.keys(verdict.principal.confirmation).find((member) => !proofs.includes(member));
  if (unknown === undefined) return verdict;
  return opaqueTokenRefusals["proof-missing"]({ detail: `${verdict.principal.credentialId}: nobody checks cnf.${unknown}` });
}

/** RFC 6750 s.2.1, RFC 9449 s.7.1. */
function readToken(view: RequestView): Credential | undefined {
  const presented = readBearer(view.header("authorization"));
  return presented?.token.startsWith(`${opaqueTokenPrefix}_`) === true ? new PresentedToken(presented.token, presented.scheme) : undefined;
}

/** A class only so that the hint, which a warm request never needs, is made when asked. */
class PresentedToken implements Credential {
  readonly method = "opaque-token";
  readonly scheme: "Bearer" | "DPoP";
  readonly secret: Secret;

  constructor(token: string, scheme: "Bearer" | "DPoP") {
    this.scheme = scheme;
    this.secret = new Secret(token);
  }

  get hint(): string {
    const text = this.secret.reveal();
    return inspectToken(text, opaqueTokenPrefix) === "sound" ? tokenHint(text) : "(not a token)";
  }
}
