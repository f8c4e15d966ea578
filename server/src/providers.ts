import type { Provider } from "latchkey";
import { type Configuration, settings, type SettingKey } from "./configuration/index.ts";
import { UsageError } from "./usage.ts";

/** Those who have an id and a secret in the settings, in the order of the buttons. Throws a UsageError for half of a pair. */
export async function openProviders({ values, origins }: Configuration): Promise<readonly Provider[]> {
  const given = new Map<string, string>(Object.entries(values).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
  if (![...given.keys()].some((key) => /(?:ClientId|ClientSecret|TeamId|KeyId|PrivateKey)$|^oidc/.test(key))) return [];
  const { apple, gitlab, microsoft, named, namedProviders, oidc } = await import("latchkey/providers");

  /** All of these settings, or none of them. */
  const together = (...keys: SettingKey[]): readonly string[] | undefined => {
    const missing = keys.filter((key) => !given.has(key));
    if (missing.length === keys.length) return undefined;
    if (missing.length === 0) return keys.map((key) => given.get(key)!);
    const set = keys.find((key) => given.has(key))!;
    throw new UsageError(
      `${origins[set]} is set, but not ${missing.map((key) => settings[key].environment).join(" and ")}. Set all of them, or none.`,
    );
  };

  const providers: Provider[] = [];
  for (const name of namedProviders) {
    const pair = together(`${name}ClientId` as SettingKey, `${name}ClientSecret` as SettingKey);
    if (pair === undefined) continue;
    const client = { clientId: pair[0]!, clientSecret: pair[1]! };
    const { microsoftTenant: tenant, gitlabUrl: url } = values;
    if (name === "microsoft") providers.push(microsoft({ ...client, ...(tenant === undefined ? {} : { tenant }) }));
    else if (name === "gitlab") providers.push(gitlab({ ...client, ...(url === undefined ? {} : { url }) }));
    else providers.push(named(name, client));
  }
  const key = together("appleClientId", "appleTeamId", "appleKeyId", "applePrivateKey");
  if (key !== undefined) providers.push(apple({ clientId: key[0]!, teamId: key[1]!, keyId: key[2]!, privateKey: key[3]! }));
  const own = together("oidcIssuer", "oidcClientId", "oidcClientSecret");
  if (own !== undefined)
    providers.push(
      oidc({ id: "oidc", name: values.oidcName ?? new URL(own[0]!).host, issuer: own[0]!, clientId: own[1]!, clientSecret: own[2]! }),
    );
  return providers;
}
