import type { SignIns } from "../accounts/index.ts";
import type { Method, OwnerStates } from "../contracts/index.ts";
import { basicMethod } from "../methods/basic/index.ts";
import type { Settings } from "../options.ts";
import { transportThrough } from "../policies/address/index.ts";
import { deriveKey, keyedSha256 } from "../primitives/index.ts";
import type { OAuthRooms } from "./oauth.ts";

/** HTTP Basic over the one way in by password, and for clients with a secret; empty where it is turned off. */
export function wireBasic(
  settings: Settings,
  accounts: SignIns & { readonly stateOf: OwnerStates },
  { clientOf }: Pick<OAuthRooms, "clientOf">,
): readonly Method[] {
  const { basic, secrets, trustProxy, issuer } = settings;
  if (basic === undefined) return [];
  const key = deriveKey(secrets[0]!, "basic digest");
  const transport = transportThrough(trustProxy, issuer);
  return [
    basicMethod({
      ...basic,
      signIn: accounts.signInAtGate,
      stateOf: accounts.stateOf,
      clientOf,
      isSafe: (view) => transport(view) !== "plain",
      digest: (secret) => keyedSha256(key, secret),
    }),
  ];
}
