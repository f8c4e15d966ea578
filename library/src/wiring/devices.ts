import type { Endpoint } from "../contracts/index.ts";
import { crossOrigin } from "../http/index.ts";
import {
  type AuthenticateClient,
  type ClientSource,
  compiledWrites,
  createDevices,
  createLifetimeWords,
  createScopeWords,
  type Described,
  deviceAuthorizationEndpoint,
  deviceCode,
  deviceEndpoints,
  type Grant,
  type Grants,
} from "../methods/oauth/server/index.ts";
import type { House } from "./house.ts";

type PersonParts = Omit<Parameters<typeof deviceCode>[0], "store" | "devices" | "grantRows" | "longestMs">;

interface DeviceWiring {
  readonly grant: Grant;
  /** What needs the clients, once there are any. */
  readonly endpoints: (known: { readonly authenticate: AuthenticateClient; readonly clients: ClientSource }) => readonly Endpoint[];
  readonly described: Described;
}

/** Devices without a browser. */
export function wireDevices({ settings, ephemeral, limits }: House, people: PersonParts, grants: Grants): DeviceWiring {
  const { store, clock, environment, issuer, jwt, oauth } = settings;
  const devices = createDevices({ store, clock, environment, ephemeral });
  const audiences = [jwt.audience, ...jwt.audiences];
  const wordsFor = createScopeWords(oauth.scopes);
  const lifetimeWords = createLifetimeWords({ accessMs: jwt.defaultMs, ...jwt.refresh });
  return {
    grant: deviceCode({ ...people, store, devices, grantRows: compiledWrites(), longestMs: jwt.longestMs }),
    endpoints(known) {
      const { openings } = limits;
      const parts = { ...known, openings, issuer, store, audiences, devices, grants, ephemeral, wordsFor, lifetimeWords };
      return [...crossOrigin([deviceAuthorizationEndpoint(parts)]), ...deviceEndpoints(parts)];
    },
    described: { metadata: { device_authorization_endpoint: `${issuer}/oauth/device` } },
  };
}
