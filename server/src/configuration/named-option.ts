import { OptionFault } from "latchkey";
import { UsageError } from "../usage.ts";
import type { Configuration } from "./configuration.ts";
import { type SettingKey, settings } from "./settings.ts";

/** Which setting an option of the library is set by, where the library is the one that judges it. */
const settingOf: Readonly<Record<string, SettingKey>> = {
  postgres: "databaseUrl",
  redis: "redisUrl",
  smtp: "smtpUrl",
  "mail.from": "mailFrom",
  "jwt.refresh.grace": "refreshGrace",
  "jwt.audiences": "audiences",
  "oauth.opaqueFor": "opaqueAudiences",
  "oauth.scopes": "scopes",
  "registration.token": "registrationToken",
  "forwardAuth.audience": "forwardAuthAudience",
  "leaks.github.keysUrl": "leaksGithub",
  "apiKeys.importedPrefixes": "importedPrefixes",
  limits: "limits",
  trustProxy: "trustProxy",
  caFile: "clientCa",
  ca: "clientCa",
  clientsFile: "clientCertificates",
  revokedFile: "clientRevoked",
  "microsoft.tenant": "microsoftTenant",
  "gitlab.url": "gitlabUrl",
};

/** `oidc.clientId`: what a provider is told has the name of its setting, but for the dot. */
function keyOf(option: string): SettingKey | undefined {
  const own = option.replace(/\.([a-z])/, (_, letter: string) => letter.toUpperCase());
  return settingOf[option] ?? settingOf[option.split(/[.[]/)[0]!] ?? (own in settings ? (own as SettingKey) : undefined);
}

/** A fault of an option that a setting led to, said of the setting: nobody who sets `LATCHKEY_…` knows the library's names. */
export function bySetting(error: unknown, { origins }: Pick<Configuration, "origins">): unknown {
  const key = error instanceof OptionFault ? keyOf(error.option) : undefined;
  if (key === undefined) return error;
  const { option, message } = error as OptionFault;
  return new UsageError(`${origins[key] ?? settings[key].environment}${message.slice(option.length)}`);
}
