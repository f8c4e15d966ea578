import {
  type Credential,
  isPromise,
  isRefusal,
  type Method,
  type Refusal,
  type RequestView,
  type Verified,
} from "../../../../contracts/index.ts";
import { authorizationOf, inspectToken, Secret, tokenHint } from "../../../../primitives/index.ts";
import { type OpaqueTokens, opaqueTokenPrefix } from "./opaque.ts";
import { opaqueTokenRefusals } from "./refusals.ts";

/** The gate's side of opaque access tokens: told from other bearer tokens by their prefix (RFC 6750 s.2.1). */
export function opaqueTokenMethod(tokens: Pick<OpaqueTokens, "verify">, audience: string): Method {
  return {
    name: "opaque-token",
    ambient: false,
    reusable: true,
    queryParameters: ["access_token"],
    read(view) {
      const token = bearerOf(view);
      return token === undefined ? undefined : new PresentedToken(token);
    },
    verify(credential, { at }) {
      const verdict = tokens.verify(credential.secret.reveal(), at, audience);
      return isPromise(verdict) ? verdict.then(unbound) : unbound(verdict);
    },
    challenge: () => ({ scheme: "Bearer", parameters: { realm: "api" } }),
  };
}

/** Who presents a bound token must prove the key (RFC 8705, RFC 9449); as a bearer token it is stolen. */
function unbound(verdict: Verified | Refusal): Verified | Refusal {
  if (isRefusal(verdict) || verdict.principal.confirmation === undefined) return verdict;
  return opaqueTokenRefusals["proof-missing"]({ detail: `${verdict.principal.credentialId} is bound to a key (cnf)` });
}

function bearerOf(view: RequestView): string | undefined {
  const authorization = view.header("authorization");
  if (typeof authorization !== "string") return undefined;
  const token = authorizationOf(authorization, "bearer");
  return token?.startsWith(`${opaqueTokenPrefix}_`) === true && !token.includes(",") ? token : undefined;
}

/** A class only so that the hint, which a warm request never needs, is made when asked. */
class PresentedToken implements Credential {
  readonly method = "opaque-token";
  readonly scheme = "Bearer";
  readonly secret: Secret;

  constructor(token: string) {
    this.secret = new Secret(token);
  }

  get hint(): string {
    const text = this.secret.reveal();
    return inspectToken(text, opaqueTokenPrefix) === "sound" ? tokenHint(text) : "(not a token)";
  }
}
