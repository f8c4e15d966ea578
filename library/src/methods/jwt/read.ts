import type { Credential, RequestView } from "../../contracts/index.ts";
import { readBearer, Secret } from "../../primitives/index.ts";

/**
 * Finds a JWT in `Authorization: Bearer` (RFC 6750 s.2.1) or `DPoP` (RFC 9449 s.7.1). It is told from other bearer tokens by its shape: at least two
 * dots, so that an encrypted or a damaged one is refused as what it is. Prefixes of other methods go first. Syntax only.
 */
export function readJwt(view: RequestView, othersPrefixes: readonly string[]): Credential | undefined {
  const presented = readBearer(view.header("authorization"));
  if (presented === undefined) return undefined;
  const { scheme, token } = presented;
  const dot = token.indexOf(".");
  if (dot === -1 || !token.includes(".", dot + 1)) return undefined;
  if (othersPrefixes.some((prefix) => token.startsWith(prefix))) return undefined;
  return new PresentedJwt(token, scheme);
}

/** A class only so that the hint, which a warm request never needs, is made when asked. */
class PresentedJwt implements Credential {
  readonly method = "jwt";
  readonly scheme: "Bearer" | "DPoP";
  readonly secret: Secret;

  constructor(token: string, scheme: "Bearer" | "DPoP") {
    this.scheme = scheme;
    this.secret = new Secret(token);
  }

  /** The end of the signature: enough to tell two tokens apart, of no use to anybody. */
  get hint(): string {
    const text = this.secret.reveal();
    const end = text.slice(-4);
    return text.startsWith("eyJ") && /^[\w-]{4}$/.test(end) ? `eyJ…${end}` : "(not a JWT)";
  }
}
