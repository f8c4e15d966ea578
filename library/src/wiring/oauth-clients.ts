import {
  type ClientAuthentication,
  clientSecretBasic,
  clientSecretPost,
  noAuthentication,
  privateKeyJwt,
} from "../methods/oauth/server/index.ts";
import type { FindClientKey } from "./client-keys.ts";
import type { House } from "./house.ts";

/** The ways in which clients prove who they are. */
export function clientWays(
  { settings, ephemeral }: Pick<House, "settings" | "ephemeral">,
  findKey: FindClientKey,
): readonly ClientAuthentication[] {
  const { issuer } = settings;
  return [
    clientSecretBasic(),
    clientSecretPost(),
    privateKeyJwt({ issuer, tokenEndpoint: `${issuer}/oauth/token`, ephemeral, findKey }),
    noAuthentication(),
  ];
}
