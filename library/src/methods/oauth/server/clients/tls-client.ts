import { isIP } from "node:net";
import { OptionFault } from "../../../../contracts/index.ts";
import { type JsonObject, parseDistinguishedName, sha256 } from "../../../../primitives/index.ts";

/** How a client is known by its certificate (RFC 8705 s.2). */
export interface TlsClientOptions {
  /** For `tls_client_auth` exactly one of these: the subject as RFC 4514 writes it, `CN=billing,O=Acme`, or a subject alternative name. */
  readonly tlsSubjectDn?: string;
  readonly tlsSanDns?: string;
  readonly tlsSanUri?: string;
  readonly tlsSanIp?: string;
  readonly tlsSanEmail?: string;
  /** Its access tokens are bound to the certificate that it comes with (s.3). */
  readonly certificateBoundTokens?: boolean;
}

/** The members of the registration for each option, and what is one. */
const names = [
  ["tlsSubjectDn", "tls_client_auth_subject_dn", (text: string) => parseDistinguishedName(text) !== undefined],
  ["tlsSanDns", "tls_client_auth_san_dns", (text: string) => /^[A-Za-z0-9*_.-]{1,253}$/.test(text)],
  ["tlsSanUri", "tls_client_auth_san_uri", (text: string) => /^[A-Za-z][A-Za-z0-9+.-]*:[!-~]{1,500}$/.test(text)],
  ["tlsSanIp", "tls_client_auth_san_ip", (text: string) => isIP(text) !== 0],
  ["tlsSanEmail", "tls_client_auth_san_email", (text: string) => /^[!-~]{1,64}@[A-Za-z0-9.-]{1,190}$/.test(text)],
] as const;

/** The members by which RFC 8705 s.2.1.2 has a client describe its certificate, by option. */
export const tlsMembers = names.map(([option, member]) => [option, member] as const);

const problem = {
  allowed: "for tls_client_auth exactly one of tls_client_auth_subject_dn, _san_dns, _san_uri, _san_ip and _san_email; for others none",
  example: '"spiffe://example.com/billing"',
};

/** The members of the registration. Throws an OptionFault. */
export function tlsClientMetadata(
  options: TlsClientOptions & { readonly jwks?: JsonObject; readonly jwksUri?: string },
  authentication: string,
  authentications: readonly string[],
): JsonObject {
  const given = names.filter(([option]) => options[option] !== undefined);
  if (given.length !== (authentication === "tls_client_auth" ? 1 : 0))
    throw new OptionFault(given[1]?.[0] ?? given[0]?.[0] ?? "tlsSanUri", {
      ...problem,
      got: given.length === 0 ? undefined : given.map(([, member]) => member).join(" and "),
    });
  for (const [option, member, isGood] of given) {
    const value: unknown = options[option];
    if (typeof value !== "string" || !isGood(value))
      throw new OptionFault(option, { got: value, allowed: `${member} in the form of RFC 8705 s.2.1.2`, example: problem.example });
  }
  // What stands at a URI is seen when the client comes.
  if (
    authentication === "self_signed_tls_client_auth" &&
    options.jwksUri === undefined &&
    registeredThumbprints({ jwks: options.jwks }).length === 0
  )
    throw new OptionFault("jwks", {
      got: options.jwks,
      allowed: "for self_signed_tls_client_auth keys with their certificate: x5c or x5t#S256 (RFC 8705 s.2.2.2), or jwksUri",
      example: '{ keys: [{ kty: "EC", …, x5c: ["MIIB…"] }] }',
    });
  const bound = options.certificateBoundTokens;
  const possible = authentication !== "none" && authentications.includes("tls_client_auth");
  if (bound !== undefined && (typeof bound !== "boolean" || (bound && !possible)))
    throw new OptionFault("certificateBoundTokens", {
      got: bound,
      allowed: "true or false; true for confidential clients, where client certificates are asked for",
      example: "true",
    });
  return {
    ...Object.fromEntries(given.map(([option, member]) => [member, options[option]])),
    ...(bound === undefined ? {} : { tls_client_certificate_bound_access_tokens: bound }),
  };
}

/** SHA-256 of each certificate in the JWK set of a registration, base64url. */
export function registeredThumbprints({ jwks }: JsonObject): readonly string[] {
  const { keys } = (typeof jwks === "object" && jwks !== null ? jwks : {}) as JsonObject;
  return (Array.isArray(keys) ? (keys as unknown[]) : []).flatMap((key) => {
    const { x5c, "x5t#S256": x5t } = (typeof key === "object" && key !== null ? key : {}) as JsonObject;
    const [own] = Array.isArray(x5c) ? (x5c as unknown[]) : [];
    if (typeof own === "string" && /^[A-Za-z0-9+/]{100,}={0,2}$/.test(own)) return [sha256(Buffer.from(own, "base64"))];
    return typeof x5t === "string" && /^[A-Za-z0-9_-]{43}$/.test(x5t) ? [x5t] : [];
  });
}
