import type { Clock, MaybePromise } from "../contracts/index.ts";
import { chooseKey, createRemoteKeys, isSafeUrl, keysOfSet } from "../methods/jwt/index.ts";
import type { KnownClient } from "../methods/oauth/server/index.ts";
import { fetchPublic } from "../outbound/index.ts";
import {
  type JsonObject,
  type JwsAlgorithm,
  type JwsHeader,
  parseJsonObject,
  type VerificationKey,
  recentlyUsed,
} from "../primitives/index.ts";

type Find = (header: JwsHeader) => MaybePromise<VerificationKey | undefined>;

/** The key of a client that a header names. */
export type FindClientKey = (
  client: KnownClient,
  header: JwsHeader,
  algorithms: readonly JwsAlgorithm[],
) => MaybePromise<VerificationKey | undefined>;

interface ClientKeyParts {
  readonly clock: Clock;
  readonly onFault: (error: unknown) => void;
  /** Development: addresses inside too. */
  readonly allowPrivate: boolean;
}

/** The public keys of clients: those of their registration, or those at their `jwks_uri`, fetched and remembered. */
export function createClientKeys({ clock, onFault, allowPrivate }: ClientKeyParts): FindClientKey {
  // The URL is the client's own choice: never into our network, but for a developer's machine.
  const ask = async (url: string): Promise<JsonObject> => {
    const { status, body } = await fetchPublic(url, { maxBytes: 65_536, timeoutMs: 5_000, accept: "application/json", allowPrivate });
    const set = status === 200 ? parseJsonObject(body) : undefined;
    if (set === undefined) throw new Error(`${url} answered ${status}, or no JSON object`);
    return set;
  };
  const remote = recentlyUsed<Find>(1_000);

  function remoteKeys(id: string, url: string, algorithms: readonly JwsAlgorithm[]): Find {
    const name = `${id} ${url}`;
    const known = remote.get(name) ?? createRemoteKeys({ issuer: id, url, algorithms, clock, onFault, fetch: ask });
    remote.set(name, known);
    return known;
  }

  return (client, header, algorithms) => {
    const { jwks, jwks_uri } = client.metadata;
    if (typeof jwks === "object" && jwks !== null) return chooseKey(keysOfSet(jwks as JsonObject, algorithms) ?? [], header);
    return typeof jwks_uri === "string" && isSafeUrl(jwks_uri) ? remoteKeys(client.id, jwks_uri, algorithms)(header) : undefined;
  };
}
