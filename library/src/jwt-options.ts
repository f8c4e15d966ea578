import { OptionFault, spanOption, wholeOption } from "./contracts/index.ts";
import type { ForeignIssuerOptions } from "./methods/jwt/index.ts";
import { isJwsAlgorithm, type JwsAlgorithm, jwsAlgorithms } from "./primitives/index.ts";

/** `jwt` of the options: what tokens say, and whose are accepted. */
export interface JwtOptions {
  /** Who this API is in `aud`. Default: the issuer. */
  readonly audience?: string;
  /** Other APIs that tokens may be issued for. */
  readonly audiences?: readonly string[];
  /** Life of an access token where none is asked for. Default `"15m"`. */
  readonly expiresIn?: string;
  /** Longest life of an access token. Default `"24h"`. */
  readonly longest?: string;
  /** How far clocks may be apart, in seconds: 5 by default, 60 at most. */
  readonly toleranceSeconds?: number;
  /** How long verifiers outside may keep a status list, in seconds: how old a revocation is when they hear of it. Default 30. */
  readonly statusListSeconds?: number;
  readonly refresh?: {
    /** A refresh token that is not used for this long is of no more use. Default `"7d"`. */
    readonly idle?: string;
    /** Longest time between two sign-ins, however often tokens are refreshed. Default `"30d"`. */
    readonly absolute?: string;
    /** How long a used refresh token gives the same successor again, for an answer that was lost. Default `"30s"`; `"0"`: never. */
    readonly grace?: string;
    /** Most apps and devices of one user at a time; the longest unused ends. Default 20. */
    readonly mostFamilies?: number;
  };
  /** Others whose tokens are accepted. */
  readonly issuers?: readonly ForeignIssuerOptions[];
}

/** `signingKeys` of the options. */
export interface SigningKeyOptions {
  /** ES256 by default. */
  readonly algorithm?: JwsAlgorithm;
  /** How long a key signs. Default `"90d"`. */
  readonly rotateEvery?: string;
  /** How long a key is published before it signs: longer than anybody keeps the key set. Default `"10m"`. */
  readonly publishAhead?: string;
}

export interface JwtSettings {
  readonly audience: string;
  readonly audiences: readonly string[];
  readonly defaultMs: number;
  readonly longestMs: number;
  readonly toleranceMs: number;
  readonly statusListSeconds: number;
  readonly issuers: readonly ForeignIssuerOptions[];
  readonly refresh: { readonly idleMs: number; readonly absoluteMs: number; readonly graceMs: number; readonly mostFamilies: number };
}

export interface SigningSettings {
  readonly algorithm: JwsAlgorithm;
  readonly rotateMs: number;
  readonly leadMs: number;
}

/** Checks the options. Throws an OptionFault. */
export function readJwtOptions(options: JwtOptions, issuer: string): JwtSettings {
  const longestMs = spanOption("jwt.longest", options.longest ?? "24h", { least: 60_000, most: 31 * 86_400_000, example: '"24h"' });
  return {
    audience: checkAudience("jwt.audience", options.audience ?? issuer),
    audiences: (options.audiences ?? []).map((one) => checkAudience("jwt.audiences", one)),
    longestMs,
    defaultMs: Math.min(
      spanOption("jwt.expiresIn", options.expiresIn ?? "15m", { least: 1_000, most: longestMs, example: '"15m"' }),
      longestMs,
    ),
    toleranceMs: wholeOption("jwt.toleranceSeconds", options.toleranceSeconds ?? 5, { least: 0, most: 60, example: "5" }) * 1_000,
    statusListSeconds: wholeOption("jwt.statusListSeconds", options.statusListSeconds ?? 30, { least: 2, most: 86_400, example: "30" }),
    issuers: checkIssuers(options.issuers ?? [], issuer),
    refresh: {
      idleMs: spanOption("jwt.refresh.idle", options.refresh?.idle ?? "7d", { least: 1_000, most: 3_650 * 86_400_000, example: '"7d"' }),
      absoluteMs: spanOption("jwt.refresh.absolute", options.refresh?.absolute ?? "30d", {
        least: 1_000,
        most: 3_650 * 86_400_000,
        example: '"30d"',
      }),
      graceMs:
        options.refresh?.grace === "0"
          ? 0
          : spanOption("jwt.refresh.grace", options.refresh?.grace ?? "30s", { most: 300_000, example: '"30s"' }),
      mostFamilies: wholeOption("jwt.refresh.mostFamilies", options.refresh?.mostFamilies ?? 20, { most: 10_000, example: "20" }),
    },
  };
}

export function readSigningOptions(options: SigningKeyOptions): SigningSettings {
  const algorithm = options.algorithm ?? "ES256";
  if (!isJwsAlgorithm(algorithm))
    throw new OptionFault("signingKeys.algorithm", { got: algorithm, allowed: jwsAlgorithms.join(", "), example: '"ES256"' });
  const leadMs = spanOption("signingKeys.publishAhead", options.publishAhead ?? "10m", {
    least: 1_000,
    most: 30 * 86_400_000,
    example: '"10m"',
  });
  return {
    algorithm,
    leadMs,
    rotateMs: spanOption("signingKeys.rotateEvery", options.rotateEvery ?? "90d", {
      least: 2 * leadMs,
      most: 3_650 * 86_400_000,
      example: '"90d"',
    }),
  };
}

function checkIssuers(issuers: readonly ForeignIssuerOptions[], own: string): readonly ForeignIssuerOptions[] {
  if (!Array.isArray(issuers)) throw new OptionFault("jwt.issuers", { got: issuers, allowed: "a list", example: "[{ issuer, audience }]" });
  const seen = new Set([own]);
  for (const { issuer } of issuers as readonly ForeignIssuerOptions[]) {
    if (seen.has(issuer))
      throw new OptionFault("jwt.issuers", {
        got: issuer,
        allowed: "each issuer once, and not our own",
        example: "[{ issuer, audience }]",
      });
    seen.add(issuer);
  }
  return issuers;
}

function checkAudience(option: string, audience: string): string {
  if (typeof audience !== "string" || !/^[\x21-\x7e]{1,500}$/.test(audience))
    throw new OptionFault(option, {
      got: audience,
      allowed: "1 to 500 printable characters without spaces",
      example: '"https://api.example.com"',
    });
  return audience;
}
