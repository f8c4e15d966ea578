import type { Refusal } from "../../../../contracts/index.ts";
import type { ClientOptions } from "../clients/index.ts";
import { bad } from "./client-metadata.ts";
import type { FetchDocument } from "./fetch-document.ts";

/** Whether a client that describes itself belongs to the sector that it says it is of. A refusal: it does not, or nobody knows. */
export type CheckSector = (options: ClientOptions) => Promise<Refusal | undefined>;

/**
 * Asks `sector_identifier_uri` for the redirect URIs of its sector, all of the client's must be among them (OpenID Connect Core
 * s.8.1, Registration s.5): otherwise anybody could join a sector, and learn how its clients know people.
 */
export function createCheckSector(fetch: FetchDocument): CheckSector {
  return async ({ sectorIdentifierUri, redirectUris = [] }) => {
    if (sectorIdentifierUri === undefined) return undefined;
    const answer = await fetch(sectorIdentifierUri).catch(() => undefined);
    const listed = answer?.status === 200 ? listIn(answer.body) : undefined;
    if (listed === undefined) return bad("sector_identifier_uri does not answer with a JSON array of redirect URIs.");
    return redirectUris.every((uri) => listed.includes(uri)) ? undefined : bad("sector_identifier_uri does not list all redirect_uris.");
  };
}

function listIn(body: Uint8Array): readonly unknown[] | undefined {
  try {
    const list: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    return Array.isArray(list) ? list : undefined;
  } catch {
    return undefined;
  }
}
