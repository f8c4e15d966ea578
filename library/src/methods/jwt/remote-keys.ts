import { type Clock, Fault, type MaybePromise } from "../../contracts/index.ts";
import type { JsonObject, JwsAlgorithm, JwsHeader, VerificationKey } from "../../primitives/index.ts";
import { fetchJson } from "./fetch-json.ts";
import { fetchIssuerMetadata } from "./issuer-metadata.ts";
import { chooseKey, keysOfSet } from "./jwk-set.ts";

interface RemoteParts {
  readonly issuer: string;
  /** Undefined: found through the issuer's metadata. A function: asked for each time that the keys are fetched. */
  readonly url: string | (() => Promise<string>) | undefined;
  readonly algorithms: readonly JwsAlgorithm[];
  /** How a URL is asked. Default: without a look at where it leads, for URLs that an operator configured. */
  readonly fetch?: (url: string) => Promise<JsonObject>;
  readonly clock: Clock;
  readonly onFault: (error: unknown) => void;
}

/** A set is fetched anew after this long, in the background. */
const freshMs = 600_000;
/** Without an answer of the provider its last set is used for a day. */
const staleMs = 86_400_000;
/** Least time between two fetches, whatever ids tokens name. */
const coolDownMs = 30_000;

/**
 * Keys of somebody else, from a configured URL or the metadata of a configured issuer; never from a token. Cached; an unknown
 * `kid` fetches again, at most twice a minute and once for all who wait; an outage of the provider is survived for a day.
 */
export function createRemoteKeys(parts: RemoteParts): (header: JwsHeader) => MaybePromise<VerificationKey | undefined> {
  const { clock } = parts;
  let keys: readonly VerificationKey[] = [];
  let fetchedAt = -Infinity;
  let triedAt = -Infinity;
  let fetching: Promise<void> | undefined;

  function refresh(): Promise<void> {
    triedAt = clock.now();
    fetching ??= fetchKeys(parts)
      .then((fetched) => {
        keys = fetched;
        fetchedAt = clock.now();
      })
      .finally(() => (fetching = undefined));
    return fetching;
  }

  return (header) => {
    const at = clock.now();
    const usable = at - fetchedAt <= staleMs;
    const found = usable ? chooseKey(keys, header) : undefined;
    const mayTry = fetching !== undefined || at - triedAt >= coolDownMs;
    if (found !== undefined) {
      if (at - fetchedAt > freshMs && mayTry) refresh().catch(parts.onFault);
      return found;
    }
    if (!mayTry && usable) return undefined;
    if (!mayTry) throw unavailable(parts.issuer);
    return refresh().then(
      () => chooseKey(keys, header),
      (error: unknown) => {
        if (usable) return undefined;
        throw unavailable(parts.issuer, error);
      },
    );
  };
}

function unavailable(issuer: string, cause?: unknown): Fault {
  return new Fault("LATCHKEY_ISSUER_UNAVAILABLE", `The keys of ${issuer} cannot be fetched.`, { cause, retryAfterSeconds: 30 });
}

async function fetchKeys({ issuer, url, algorithms, fetch: ask = fetchJson }: RemoteParts): Promise<readonly VerificationKey[]> {
  const address = typeof url === "string" ? url : await (url === undefined ? discover(issuer) : url());
  const keys = keysOfSet(await ask(address), algorithms);
  if (keys === undefined) throw new Error(`${address} is no JWK set`);
  return keys;
}

/** `jwks_uri` of its metadata. */
async function discover(issuer: string): Promise<string> {
  const { jwks_uri } = await fetchIssuerMetadata(issuer);
  if (typeof jwks_uri !== "string") throw new Error(`the metadata of ${issuer} has no jwks_uri`);
  return jwks_uri;
}
