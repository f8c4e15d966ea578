import { OptionFault } from "../../../../contracts/index.ts";
import type { JsonObject } from "../../../../primitives/index.ts";
import type { Client } from "./client.ts";
import { isOwnUrl } from "./own-url.ts";

/** By which identifier a client knows people (OpenID Connect Core s.8). */
export interface SubjectTypeOptions {
  /**
   * `public` (default): by the id that everybody knows. `pairwise`: by one that no client of another sector knows, so that they
   * cannot compare notes. Its access tokens are opaque then: a signed one would show the other id.
   */
  readonly subjectType?: "public" | "pairwise";
  /** Clients under the same host are one sector. Default: the host of the redirect URIs, which must be one then. */
  readonly sectorIdentifierUri?: string;
}

/** The members of the registration. Throws an OptionFault. */
export function subjectTypeMetadata(options: SubjectTypeOptions, redirectUris: readonly string[]): JsonObject {
  const { subjectType = "public", sectorIdentifierUri } = options;
  if (subjectType !== "public" && subjectType !== "pairwise")
    throw new OptionFault("subjectType", { got: subjectType, allowed: "public, pairwise", example: '"pairwise"' });
  if (sectorIdentifierUri !== undefined && !isOwnUrl(sectorIdentifierUri))
    throw new OptionFault("sectorIdentifierUri", {
      got: sectorIdentifierUri,
      allowed: "an https URL without fragment, name and password; http on a loopback address",
      example: '"https://example.com/redirect-uris.json"',
    });
  const hosts = new Set(redirectUris.map(hostOf));
  if (subjectType === "pairwise" && sectorIdentifierUri === undefined && (hosts.size !== 1 || hosts.has(undefined)))
    throw new OptionFault("sectorIdentifierUri", {
      got: undefined,
      allowed: "left out only where all redirect URIs are https and of one host, which is the sector then",
      example: '"https://example.com/redirect-uris.json"',
    });
  return {
    ...(subjectType === "public" ? {} : { subject_type: subjectType }),
    ...(sectorIdentifierUri === undefined ? {} : { sector_identifier_uri: sectorIdentifierUri }),
  };
}

/** The sector within which a client knows people by the same identifiers; undefined: it knows them by the public one. */
export function sectorOf({ metadata, redirectUris }: Pick<Client, "metadata" | "redirectUris">): string | undefined {
  if (metadata["subject_type"] !== "pairwise") return undefined;
  const uri = metadata["sector_identifier_uri"] as string | undefined;
  return uri === undefined ? hostOf(redirectUris[0]!)! : new URL(uri).hostname;
}

/** Undefined where anybody's program may be: a scheme of its own, the machine itself. */
function hostOf(redirectUri: string): string | undefined {
  const { protocol, hostname } = new URL(redirectUri);
  return protocol === "https:" ? hostname : undefined;
}
