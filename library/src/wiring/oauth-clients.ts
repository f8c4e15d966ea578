import { certificatesAmong } from "../contracts/index.ts";
import {
  type ClientAuthentication,
  clientSecretBasic,
  clientSecretPost,
  noAuthentication,
  privateKeyJwt,
  selfSignedTlsClientAuth,
  tlsClientAuth,
} from "../methods/oauth/server/index.ts";
import type { FindClientKey, IsClientCertificate } from "./client-keys.ts";
import type { House } from "./house.ts";

/** The ways in which clients prove who they are. */
export function clientWays(
  { settings, ephemeral }: Pick<House, "settings" | "ephemeral">,
  findKey: FindClientKey,
  isRegistered: IsClientCertificate,
): readonly ClientAuthentication[] {
  const { issuer } = settings;
  return [
    clientSecretBasic(),
    clientSecretPost(),
    privateKeyJwt({ issuer, tokenEndpoint: `${issuer}/oauth/token`, ephemeral, findKey }),
    noAuthentication(),
    ...certificateWays(settings, isRegistered),
  ];
}

/** Where certificates come in, and there only. */
function certificateWays({ methods, onFault }: House["settings"], isRegistered: IsClientCertificate): readonly ClientAuthentication[] {
  const certificates = certificatesAmong(methods);
  if (certificates === undefined) return [];
  const { certificateOf, judgeCertificate } = certificates;
  return [
    tlsClientAuth({ certificateOf, judge: (presented, at) => judgeCertificate(presented, at, onFault) }),
    selfSignedTlsClientAuth({ certificateOf, isRegistered }),
  ];
}
