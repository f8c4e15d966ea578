import { apiKeyEndpoints, apiKeyMethod, createApiKeys, type KeyParts, keyStanding, manageKeysRule } from "../methods/api-key/index.ts";
import type { Settings } from "../options.ts";
import { addressMatcher } from "../policies/address/index.ts";

type ApiKeyWiring = { readonly settings: Settings } & Pick<KeyParts, "change" | "trail" | "ownerState" | "lastUses">;

/** Puts API keys together: the room, its side of the gate, its endpoints, and what others may ask of a key. */
export function wireApiKeys({ settings, ...given }: ApiKeyWiring) {
  const { store, clock, keyForms, environment, cacheMs } = settings;
  const addresses = (list: readonly string[]) => addressMatcher(list, "allowedAddresses");
  const parts: KeyParts = { ...given, store, clock, forms: keyForms, environment, checkAddresses: addresses };
  const apiKeys = createApiKeys(parts);
  return {
    apiKeys,
    method: apiKeyMethod({ ...parts, addresses, cacheMs }),
    endpoints: apiKeyEndpoints(apiKeys, manageKeysRule(settings.sessions.fresh)),
    standing: keyStanding(store, clock, addresses),
  };
}
