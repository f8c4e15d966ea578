import { type Ephemeral, isPromise, type MaybePromise, type Refusal } from "../../../../contracts/index.ts";
import { randomOctets, sha256 } from "../../../../primitives/index.ts";
import { malformed, parametersOf, readParameters, type RequestParameters } from "../parameters.ts";
import { oauthRefusals } from "../refusals.ts";
import type { RequestSource } from "./source.ts";

const scheme = "urn:ietf:params:oauth:request_uri:";
/** From the push to the browser. */
export const pushedSeconds = 60;
/** From the browser's first look to the code: somebody may have to sign in between. */
const begunMs = 600_000;

/** Pushed authorization requests (RFC 9126), kept until they have become a code. */
export interface PushedRequests extends RequestSource {
  /** Keeps a request that was judged; answers its name. */
  push(clientId: string, parameters: RequestParameters): Promise<string>;
}

/**
 * A pushed request counts for its own client, for a minute until a browser comes with it and ten more until it is decided,
 * and brings one code. What stands beside it in the URL does not count (s.4).
 */
export function createPushedRequests(ephemeral: Ephemeral): PushedRequests {
  const keyOf = (uri: string): string => `oauth-pushed:${sha256(uri)}`;

  function begin(key: string, kept: string): MaybePromise<string> {
    if (!kept.startsWith("new ")) return kept;
    const begun = `begun ${kept.slice(4)}`;
    // Once only: coming back does not lengthen it.
    const put = ephemeral.replace(key, kept, begun, begunMs);
    return isPromise(put) ? put.then(() => begun) : begun;
  }

  return {
    metadata: { require_pushed_authorization_requests: false },
    async push(clientId, parameters) {
      const uri = scheme + randomOctets(32).toString("base64url");
      const form = [...parameters.entries()].map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join("&");
      await ephemeral.put(keyOf(uri), `new ${encodeURIComponent(clientId)} ${form}`, pushedSeconds * 1_000);
      return uri;
    },
    async read(sent, client) {
      const uri = sent.get("request_uri");
      if (uri === undefined) {
        const must = client.metadata["require_pushed_authorization_requests"] === true;
        return must ? malformed("This client has to push its requests (RFC 9126).") : undefined;
      }
      // Of another form: nobody fetches it.
      if (!uri.startsWith(scheme)) return undefined;
      const kept = await ephemeral.get(keyOf(uri));
      if (kept === undefined) return unknown("never pushed, over, or used");
      const [, owner, form] = (await begin(keyOf(uri), kept)).split(" ") as [string, string, string];
      return decodeURIComponent(owner) === client.id ? readParameters(form) : unknown(`it is of ${owner}`);
    },
    async finish(sent) {
      const uri = sent.get("request_uri");
      if (uri?.startsWith(scheme) !== true) return undefined;
      return (await ephemeral.take(keyOf(uri))) === undefined ? unknown("used at the same moment") : undefined;
    },
  };
}

function unknown(detail: string): Refusal {
  return oauthRefusals["invalid-request-uri"]({ detail });
}

/** The same parameters with one more, or another value of one. */
export function withParameter(parameters: RequestParameters, name: string, value: string): RequestParameters {
  const values = new Map<string, string | readonly string[]>();
  for (const [known] of parameters.entries()) values.set(known, parameters.list(known));
  values.set(name, value);
  return parametersOf(values);
}
