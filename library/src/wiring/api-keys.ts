import type { ActedBy } from "../contracts/index.ts";
import { apiKeyEndpoints, apiKeyMethod, createApiKeys, type KeyParts, keyStanding, manageKeysRule } from "../methods/api-key/index.ts";
import type { Settings } from "../options.ts";
import { addressMatcher } from "../policies/address/index.ts";

type ApiKeyWiring = { readonly settings: Settings } & Pick<KeyParts, "change" | "trail" | "ownerState" | "lastUses" | "mail"> & {
    readonly person: (id: string) => Promise<{ readonly email: string } | undefined>;
  };

/** Puts API keys together: the room, its side of the gate, its endpoints, and what others may ask of a key. */
export function wireApiKeys({ settings, person, ...given }: ApiKeyWiring) {
  const { store, clock, keyForms, environment, cacheMs, onFault } = settings;
  async function mailboxOf(id: string): Promise<string | undefined> {
    try {
      return (await person(id))?.email;
    } catch (error) {
      onFault(error);
      return undefined;
    }
  }
  const addresses = (list: readonly string[]) => addressMatcher(list, "allowedAddresses");
  const parts: KeyParts = { ...given, mailboxOf, store, clock, forms: keyForms, environment, checkAddresses: addresses };
  const apiKeys = createApiKeys(parts);
  return {
    apiKeys,
    /** Ends every key of an owner. */
    async revokeAll(owner: string, by: ActedBy): Promise<void> {
      let before: string | undefined;
      do {
        const page = await apiKeys.list({ owner, limit: 1_000, ...(before === undefined ? {} : { before }) });
        for (const { id } of page) await apiKeys.revoke(id, by);
        before = page.length < 1_000 ? undefined : page.at(-1)?.id;
      } while (before !== undefined);
    },
    method: apiKeyMethod({ ...parts, addresses, cacheMs }),
    endpoints: apiKeyEndpoints(apiKeys, manageKeysRule(settings.sessions.fresh)),
    standing: keyStanding(store, clock, addresses),
  };
}
