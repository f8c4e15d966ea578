import { LRUCache } from "lru-cache";
import type { Clock, MaybePromise } from "../contracts/index.ts";
import { chooseKey, createRemoteKeys, isSafeUrl, keysOfSet } from "../methods/jwt/index.ts";
import type { KnownClient } from "../methods/oauth/server/index.ts";
import type { JsonObject, JwsAlgorithm, JwsHeader, VerificationKey } from "../primitives/index.ts";

type Find = (header: JwsHeader) => MaybePromise<VerificationKey | undefined>;

/** The public keys of clients: those of their registration, or those at their `jwks_uri`, fetched and remembered. */
export function createClientKeys({ clock, onFault }: { readonly clock: Clock; readonly onFault: (error: unknown) => void }) {
  const remote = new LRUCache<string, Find>({ max: 1_000 });

  function remoteKeys(id: string, url: string, algorithms: readonly JwsAlgorithm[]): Find {
    const name = `${id} ${url}`;
    const known = remote.get(name) ?? createRemoteKeys({ issuer: id, url, algorithms, clock, onFault });
    remote.set(name, known);
    return known;
  }

  return (client: KnownClient, header: JwsHeader, algorithms: readonly JwsAlgorithm[]): MaybePromise<VerificationKey | undefined> => {
    const { jwks, jwks_uri } = client.metadata;
    if (typeof jwks === "object" && jwks !== null) return chooseKey(keysOfSet(jwks as JsonObject, algorithms) ?? [], header);
    return typeof jwks_uri === "string" && isSafeUrl(jwks_uri) ? remoteKeys(client.id, jwks_uri, algorithms)(header) : undefined;
  };
}
