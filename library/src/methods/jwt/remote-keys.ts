import type { Clock, MaybePromise } from "../../contracts/index.ts";
import type { JsonObject, JwsAlgorithm, JwsHeader, VerificationKey } from "../../primitives/index.ts";
import { fetchJson } from "./fetch-json.ts";
import { fetchIssuerMetadata } from "./issuer-metadata.ts";
import { chooseKey, keysOfSet } from "./jwk-set.ts";
import { createRemoteSet } from "./remote-set.ts";

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

/** Keys of somebody else, from a configured URL or the metadata of a configured issuer; never from a token. See `createRemoteSet`. */
export function createRemoteKeys(parts: RemoteParts): (header: JwsHeader) => MaybePromise<VerificationKey | undefined> {
  const { issuer, url, algorithms, fetch: ask = fetchJson, clock, onFault } = parts;
  const address = async () => (typeof url === "string" ? url : url === undefined ? discover(issuer) : url());
  return createRemoteSet({
    owner: issuer,
    fetch: async () => ask(await address()),
    read: (document) => keysOfSet(document, algorithms),
    choose: (keys: readonly VerificationKey[], header: JwsHeader) => chooseKey(keys, header),
    clock,
    onFault,
  });
}

/** `jwks_uri` of its metadata. */
async function discover(issuer: string): Promise<string> {
  const { jwks_uri } = await fetchIssuerMetadata(issuer);
  if (typeof jwks_uri !== "string") throw new Error(`the metadata of ${issuer} has no jwks_uri`);
  return jwks_uri;
}
