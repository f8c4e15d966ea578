import type { Challenge, Method } from "../../contracts/index.ts";
import { readJwt } from "./read.ts";
import { type TrustedIssuer, trustIn, verifyJwt } from "./verify.ts";

interface JwtMethodParts {
  readonly issuers: readonly TrustedIssuer[];
  /** How bearer tokens of other methods begin. */
  readonly othersPrefixes: readonly string[];
  /** Further parameters of the challenge, e.g. `resource_metadata` (RFC 9728 s.5.1). */
  readonly challenge?: Readonly<Record<string, string>>;
  /** Schemes beside Bearer by which a token may come. */
  readonly challenges?: readonly Challenge[];
}

/** The gate's side of JWTs. A verdict is reused until the token ends; a revocation takes it back. */
export function jwtMethod({ issuers, othersPrefixes, challenge = {}, challenges = [] }: JwtMethodParts): Method {
  const bearer: Challenge = { scheme: "Bearer", parameters: { realm: "api", ...challenge } };
  const offered = [bearer, ...challenges];
  const trust = trustIn(...issuers);
  return {
    name: "jwt",
    ambient: false,
    reusable: true,
    queryParameters: ["access_token", "jwt", "id_token"],
    read: (view) => readJwt(view, othersPrefixes),
    verify: (credential, attempt) => verifyJwt(credential.secret.reveal(), trust, attempt.at),
    challenge: () => offered,
  };
}
