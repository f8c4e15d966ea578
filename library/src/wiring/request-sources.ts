import type { Endpoint } from "../contracts/index.ts";
import {
  type AuthenticateClient,
  type ClientSource,
  createPushedRequests,
  createSignedRequests,
  type Described,
  parEndpoint,
  type RequestSource,
} from "../methods/oauth/server/index.ts";
import { createClientKeys } from "./client-keys.ts";
import type { House } from "./house.ts";

interface RequestWiring {
  /** In the order in which they are asked. */
  readonly sources: readonly RequestSource[];
  /** What needs the clients, once there are any. */
  readonly endpoint: (known: { readonly authenticate: AuthenticateClient; readonly clients: ClientSource }) => Endpoint;
  readonly described: Described;
}

/** Authorization requests that are pushed before the browser comes, or signed. */
export function wireRequestSources({ settings, ephemeral, confirmations, limits }: House): RequestWiring {
  const { issuer, clock, onFault, jwt } = settings;
  const findKey = createClientKeys({ clock, onFault, allowPrivate: issuer.startsWith("http:") });
  const pushed = createPushedRequests(ephemeral);
  const signed = createSignedRequests({ issuer, now: () => clock.now(), ephemeral, findKey });
  const url = `${issuer}/oauth/par`;
  const audiences = [jwt.audience, ...jwt.audiences];
  return {
    sources: [pushed, signed],
    endpoint: (known) => parEndpoint({ ...known, url, audiences, pushed, signed, dpop: confirmations.dpop, openings: limits.openings }),
    described: { metadata: { pushed_authorization_request_endpoint: url } },
  };
}
