import {
  type ClientAuthentication,
  clientSecretBasic,
  clientSecretPost,
  noAuthentication,
  privateKeyJwt,
} from "../methods/oauth/server/index.ts";
import { createClientKeys } from "./client-keys.ts";
import type { House } from "./house.ts";

/** The ways in which clients prove who they are. */
export function clientWays({ settings, ephemeral }: Pick<House, "settings" | "ephemeral">): readonly ClientAuthentication[] {
  const { issuer, clock, onFault } = settings;
  const findKey = createClientKeys({ clock, onFault, allowPrivate: issuer.startsWith("http:") });
  return [
    clientSecretBasic(),
    clientSecretPost(),
    privateKeyJwt({ issuer, tokenEndpoint: `${issuer}/oauth/token`, ephemeral, findKey }),
    noAuthentication(),
  ];
}
