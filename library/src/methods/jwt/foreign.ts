import { createPublicKey, createSecretKey, type KeyObject } from "node:crypto";
import { type Clock, OptionFault } from "../../contracts/index.ts";
import {
  isJwsAlgorithm,
  isSymmetric,
  type JsonObject,
  type JwsAlgorithm,
  jwsAlgorithms,
  type VerificationKey,
  verificationKey,
} from "../../primitives/index.ts";
import { type TokenClaims, unproven } from "./claims.ts";
import { isSafeUrl } from "./fetch-json.ts";
import { algorithmOfKey, chooseKey, keysOfSet } from "./jwk-set.ts";
import { principalOf, verifiedOf } from "./principal.ts";
import { createRemoteKeys } from "./remote-keys.ts";
import type { TrustedIssuer } from "./verify.ts";

/** Somebody else whose tokens are accepted. One of `jwksUrl`, `jwks`, `pem` and `secret`, or none: its metadata is asked. */
export interface ForeignIssuerOptions {
  /** `iss` of its tokens, exactly. */
  readonly issuer: string;
  /** Who we are to it: one of these must be in `aud`. */
  readonly audience: string | readonly string[];
  readonly jwksUrl?: string;
  readonly jwks?: { readonly keys: readonly object[] };
  /** A public key or a certificate. */
  readonly pem?: string;
  /** Shared, for HS256: at least 32 random bytes. */
  readonly secret?: string;
  /** Allowed algorithms. Default: ES256, EdDSA, RS256 and PS256; with a secret HS256. */
  readonly algorithms?: readonly JwsAlgorithm[];
  /** Allowed `typ`. Default `["at+jwt"]`; many providers sign access tokens as `"JWT"`, as they do ID tokens: allow it only with an audience of this API's own. */
  readonly types?: readonly string[];
  /** Claims that must be there. */
  readonly required?: readonly string[];
  /** The principal's subject. Default: `issuer|sub`, so that nobody else can name one of our users. */
  readonly subject?: (claims: JsonObject) => string;
  /** Roles of the principal. Default: none: what another calls a role is not ours. */
  readonly roles?: (claims: JsonObject) => readonly string[];
}

interface ForeignParts {
  readonly clock: Clock;
  readonly toleranceMs: number;
  readonly cacheMs: number;
  /** Members of `cnf` that whoever asks proves on each request. Default: none, so that a bound token is refused. */
  readonly proofs?: readonly string[];
  readonly onFault: (error: unknown) => void;
}

const usual: readonly JwsAlgorithm[] = ["ES256", "EdDSA", "RS256", "PS256"];

/** Checks the options. Throws an OptionFault that names what cannot be used. */
export function foreignIssuer(options: ForeignIssuerOptions, index: number, parts: ForeignParts): TrustedIssuer {
  const at = `jwt.issuers[${index}]`;
  const audiences = typeof options.audience === "string" ? [options.audience] : options.audience;
  if (typeof options.issuer !== "string" || options.issuer === "")
    throw new OptionFault(`${at}.issuer`, {
      got: options.issuer,
      allowed: "the iss of its tokens",
      example: '"https://login.example.com"',
    });
  if (!Array.isArray(audiences) || audiences.length === 0 || !audiences.every((one) => typeof one === "string" && one !== ""))
    throw new OptionFault(`${at}.audience`, {
      got: options.audience,
      allowed: "who this API is to the issuer",
      example: '"https://api.example.com"',
    });
  const types = (options.types ?? ["at+jwt"]).map((type) => type.toLowerCase().replace(/^application\//, ""));
  return {
    issuer: options.issuer,
    audiences,
    types,
    toleranceMs: parts.toleranceMs,
    required: options.required ?? [],
    find: keySource(options, at, parts),
    accept: (claims, now) => accept(claims, options, parts.proofs ?? [], now + parts.cacheMs),
  };
}

function accept(claims: TokenClaims, options: ForeignIssuerOptions, proofs: readonly string[], cacheUntil: number) {
  const bound = unproven(claims, proofs);
  if (bound !== undefined) return bound;
  const subject = options.subject?.(claims.all) ?? `${claims.issuer}|${claims.subject}`;
  const kind = claims.clientId === claims.subject ? "client" : "user";
  const roles = options.roles?.(claims.all) ?? [];
  const credentialId = `${claims.issuer}|${claims.id ?? claims.subject}`;
  return verifiedOf(principalOf(claims, { subject, kind, credentialId, scopes: claims.scopes ?? [], roles }), claims, { cacheUntil });
}

function keySource(options: ForeignIssuerOptions, at: string, parts: ForeignParts): TrustedIssuer["find"] {
  const given = (["jwksUrl", "jwks", "pem", "secret"] as const).filter((name) => options[name] !== undefined);
  if (given.length > 1)
    throw new OptionFault(at, {
      got: given.join(" and "),
      allowed: "one of jwksUrl, jwks, pem and secret, or none",
      example: "{ issuer, audience }",
    });
  const [source] = given;
  const algorithms = algorithmsOf(options, at, source === "secret");
  if (source === undefined || source === "jwksUrl") return remote(options, at, algorithms, parts);
  if (source === "jwks") {
    const keys = keysOfSet(options.jwks as unknown as JsonObject, algorithms);
    if (keys === undefined || keys.length === 0)
      throw new OptionFault(`${at}.jwks`, {
        got: options.jwks,
        allowed: `a JWK set with a key for ${algorithms.join(", ")}`,
        example: "{ keys: [{ kty, crv, x, y }] }",
      });
    return (header) => chooseKey(keys, header);
  }
  const key = source === "pem" ? pemKey(options.pem!, at, algorithms) : secretKey(options.secret!, at, algorithms);
  return () => key;
}

function algorithmsOf({ algorithms }: ForeignIssuerOptions, at: string, symmetric: boolean): readonly JwsAlgorithm[] {
  const list = algorithms ?? (symmetric ? ["HS256"] : usual);
  for (const name of list)
    if (!isJwsAlgorithm(name) || isSymmetric(name) !== symmetric)
      throw new OptionFault(`${at}.algorithms`, {
        got: name,
        allowed: jwsAlgorithms.filter((one) => isSymmetric(one) === symmetric).join(", "),
        example: symmetric ? '["HS256"]' : '["ES256"]',
      });
  return list;
}

function remote(options: ForeignIssuerOptions, at: string, algorithms: readonly JwsAlgorithm[], parts: ForeignParts) {
  const { issuer, jwksUrl } = options;
  for (const [name, url] of [
    ["jwksUrl", jwksUrl],
    ["issuer", jwksUrl === undefined ? issuer : undefined],
  ] as const)
    if (url !== undefined && !isSafeUrl(url))
      throw new OptionFault(`${at}.${name}`, {
        got: url,
        allowed: "an https URL, or http on loopback",
        example: '"https://login.example.com"',
      });
  return createRemoteKeys({ issuer, url: jwksUrl, algorithms, clock: parts.clock, onFault: parts.onFault });
}

function pemKey(pem: string, at: string, algorithms: readonly JwsAlgorithm[]): VerificationKey {
  const problem = {
    got: typeof pem === "string" ? { length: pem.length } : pem,
    allowed: `a public key or certificate for ${algorithms.join(", ")}`,
    example: '"-----BEGIN PUBLIC KEY-----…"',
  };
  let key: KeyObject;
  try {
    // From a private key Node would make the public one: its owner would have given it to us by mistake.
    if (/PRIVATE KEY/.test(pem)) throw new TypeError("a private key");
    key = createPublicKey(pem);
  } catch {
    throw new OptionFault(`${at}.pem`, problem);
  }
  const algorithm = algorithmOfKey(key, algorithms);
  if (algorithm === undefined) throw new OptionFault(`${at}.pem`, problem);
  return verificationKey(algorithm, key);
}

/** Secrets that stand in documentation: whoever copies one shares it with everybody. */
const printed = /secret|changeme|change-me|example|password/i;

function secretKey(secret: string, at: string, algorithms: readonly JwsAlgorithm[]): VerificationKey {
  const bytes = typeof secret === "string" ? Buffer.byteLength(secret) : 0;
  const [algorithm] = algorithms;
  // RFC 7518 s.3.2; and fewer than ten different characters are no random text.
  if (bytes < 32 || new Set(secret).size < 10 || printed.test(secret))
    throw new OptionFault(`${at}.secret`, {
      got: `${bytes} bytes`,
      allowed: "at least 32 bytes of random text",
      example: "the output of: openssl rand -base64 32",
    });
  try {
    return verificationKey(algorithm!, createSecretKey(Buffer.from(secret)));
  } catch (error) {
    throw new OptionFault(`${at}.secret`, {
      got: `${bytes} bytes`,
      allowed: (error as Error).message,
      example: "the output of: openssl rand -base64 64",
    });
  }
}
