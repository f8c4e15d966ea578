import { isPromise, type MaybePromise, type Store } from "../../../../contracts/index.ts";
import type { JsonObject, JwsAlgorithm } from "../../../../primitives/index.ts";
import type { Client, KnownClient, TokenFormat } from "./client.ts";
import { type ClientRow, type ClientSecretRow, findClient } from "./table.ts";
import { recentlyUsed } from "../../../../primitives/index.ts";

/** Where clients are known from. The first source that knows an id answers for it. */
export interface ClientSource {
  /** Undefined: not one of mine. Rejects with a Fault when it cannot know. */
  find(id: string): MaybePromise<KnownClient | undefined>;
}

/** What is told of changes: an id, or undefined when some were missed. */
export interface ClientRegistry extends ClientSource {
  changed(changedId: string | undefined): void;
}

interface RegistryParts {
  readonly store: Store;
  /** Takes in what was committed elsewhere; false: nobody knows whether what is remembered still holds. */
  readonly isCurrent: () => boolean;
  /** Further sources, asked in turn for ids that have no row. */
  readonly sources: readonly ClientSource[];
  /** What clients may ask for that registered themselves. */
  readonly registrationScopes: readonly string[];
}

const mostRemembered = 10_000;

/** Registered clients, remembered until they change: every request to the token endpoint asks for one. */
export function createClientRegistry({ store, isCurrent, sources, registrationScopes }: RegistryParts): ClientRegistry {
  const find = findClient(store);
  const known = recentlyUsed<KnownClient>(mostRemembered);
  let changes = 0;

  function take(rows: readonly ClientSecretRow[], changesBefore: number): KnownClient | undefined {
    const [row] = rows;
    if (row === undefined) return undefined;
    const client = knownClient(row, rows, registrationScopes);
    // What changed while it was read may be missing in it.
    if (changes === changesBefore) known.set(row.id, client);
    return client;
  }

  async function elsewhere(id: string): Promise<KnownClient | undefined> {
    for (const source of sources) {
      const client = await source.find(id);
      if (client !== undefined) return client;
    }
    return undefined;
  }

  return {
    find(id) {
      const remembered = isCurrent() ? known.get(id) : undefined;
      if (remembered !== undefined) return remembered;
      if (id.length > 2_000) return undefined;
      if (!id.startsWith("cli_")) return elsewhere(id);
      const before = changes;
      const rows = find(id);
      return isPromise(rows) ? rows.then((list) => take(list, before)) : take(rows, before);
    },
    changed(changedId) {
      changes += 1;
      if (changedId === undefined) known.clear();
      else known.delete(changedId);
    },
  };
}

function knownClient(row: ClientRow, secrets: readonly ClientSecretRow[], registrationScopes: readonly string[]): KnownClient {
  const client = clientOf(row);
  return Object.freeze({
    ...client,
    mayAskFor: client.metadata["registered"] === undefined ? client.scopes : registrationScopes,
    secrets: secrets.flatMap(({ digest, ends_at }) =>
      digest === null ? [] : [{ digest: Buffer.from(digest, "base64url"), endsAt: ends_at ?? undefined }],
    ),
  });
}

export function clientOf(row: ClientRow): Client {
  return {
    id: row.id,
    name: row.name,
    authentication: row.authentication,
    grants: JSON.parse(row.grants) as string[],
    redirectUris: JSON.parse(row.redirect_uris) as string[],
    scopes: JSON.parse(row.scopes) as string[],
    resources: row.resources === null ? undefined : (JSON.parse(row.resources) as string[]),
    roles: JSON.parse(row.roles) as string[],
    firstParty: row.first_party === 1,
    tokenFormat: row.token_format as TokenFormat,
    idTokenAlgorithm: row.id_token_algorithm as JwsAlgorithm,
    requirePkce: row.require_pkce === 1,
    metadata: JSON.parse(row.metadata) as JsonObject,
    createdAt: row.created_at,
  };
}
