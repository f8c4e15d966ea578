import { after, type Clock, type MaybePromise } from "../contracts/index.ts";
import { chooseKey, createRemoteKeys, createRemoteSet, isSafeUrl, keysOfSet } from "../methods/jwt/index.ts";
import { type KnownClient, registeredThumbprints } from "../methods/oauth/server/index.ts";
import { fetchPublic } from "../outbound/index.ts";
import {
  type JsonObject,
  type JwsAlgorithm,
  type JwsHeader,
  parseJsonObject,
  type VerificationKey,
  recentlyUsed,
  sameSecret,
} from "../primitives/index.ts";

type Find = (header: JwsHeader) => MaybePromise<VerificationKey | undefined>;

/** The key of a client that a header names. */
export type FindClientKey = (
  client: KnownClient,
  header: JwsHeader,
  algorithms: readonly JwsAlgorithm[],
) => MaybePromise<VerificationKey | undefined>;

/** Whether a certificate, by its SHA-256, is one of those that a client registered (RFC 8705 s.2.2). */
export type IsClientCertificate = (client: KnownClient, thumbprint: string) => MaybePromise<boolean>;

interface ClientKeyParts {
  readonly clock: Clock;
  readonly onFault: (error: unknown) => void;
  /** Development: addresses inside too. */
  readonly allowPrivate: boolean;
}

const mostRemote = 1_000;

/** Asks for a set at a URL that is the client's own choice: never into our network, but for a developer's machine. */
const askFor = (allowPrivate: boolean) => async (url: string) => {
  const { status, body } = await fetchPublic(url, { maxBytes: 65_536, timeoutMs: 5_000, accept: "application/json", allowPrivate });
  const set = status === 200 ? parseJsonObject(body) : undefined;
  if (set === undefined) throw new Error(`${url} answered ${status}, or no JSON object`);
  return set;
};

/** The certificates of clients: those with the keys of their registration, or those at their `jwks_uri`, fetched and remembered. */
export function createClientCertificates({ clock, onFault, allowPrivate }: ClientKeyParts): IsClientCertificate {
  const ask = askFor(allowPrivate);
  const among = (known: readonly string[], thumbprint: string): true | undefined =>
    known.some((one) => sameSecret(one, thumbprint)) || undefined;
  const remote = recentlyUsed<(thumbprint: string) => MaybePromise<true | undefined>>(mostRemote);

  function atUri(id: string, url: string): (thumbprint: string) => MaybePromise<true | undefined> {
    const name = `${id} ${url}`;
    const known =
      remote.get(name) ??
      createRemoteSet({
        owner: id,
        fetch: () => ask(url),
        read: (jwks) => (Array.isArray(jwks["keys"]) ? registeredThumbprints({ jwks }) : undefined),
        choose: among,
        clock,
        onFault,
      });
    remote.set(name, known);
    return known;
  }

  return ({ id, metadata }, thumbprint) => {
    const { jwks, jwks_uri } = metadata;
    if (typeof jwks === "object" && jwks !== null) return among(registeredThumbprints({ jwks }), thumbprint) === true;
    if (typeof jwks_uri !== "string" || !isSafeUrl(jwks_uri)) return false;
    return after(atUri(id, jwks_uri)(thumbprint), (found) => found === true);
  };
}

/** The public keys of clients: those of their registration, or those at their `jwks_uri`, fetched and remembered. */
export function createClientKeys({ clock, onFault, allowPrivate }: ClientKeyParts): FindClientKey {
  const ask = askFor(allowPrivate);
  const remote = recentlyUsed<Find>(mostRemote);

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
