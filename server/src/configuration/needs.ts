import { UsageError } from "../usage.ts";
import { type SettingKey, settings, type Values } from "./settings.ts";
import type { Origins } from "./sources.ts";

/** What each of these is of no use without: one of the others. */
const needs: readonly (readonly [SettingKey, readonly [SettingKey, ...SettingKey[]]])[] = [
  ["tlsCert", ["tlsKey"]],
  ["tlsKey", ["tlsCert"]],
  ["clientCa", ["tlsCert", "clientCertificateHeader"]],
  ["clientCertificates", ["clientCa"]],
  ["clientRevoked", ["clientCa"]],
  ["clientCertificateHeader", ["clientCa"]],
  ["clientCertificateHeader", ["trustProxy"]],
  ["microsoftTenant", ["microsoftClientId"]],
  ["gitlabUrl", ["gitlabClientId"]],
  ["oidcName", ["oidcIssuer"]],
];

/** Settings that say nothing alone, or less than was meant. Throws a UsageError. */
export function refuseUseless(values: Values, origins: Origins, development: boolean): void {
  for (const [key, others] of needs)
    if (values[key] !== undefined && others.every((other) => values[other] === undefined))
      throw new UsageError(
        `${origins[key]} is set without ${others.map((other) => settings[other].environment).join(" or ")}. ` +
          `Set it too. Example: ${settings[others[0]].environment}=${settings[others[0]].example}`,
      );
  if (values.registrationToken !== undefined && values.registration !== undefined && values.registration !== "token")
    throw new UsageError(
      `${origins.registrationToken} is set, and ${origins.registration} is ${values.registration}: nobody is asked for the token. ` +
        `Take one of them out, or set ${settings.registration.environment}=token.`,
    );
  if (values.signInByMail === "on" && values.smtpUrl === undefined && !development)
    throw new UsageError(
      `${origins.signInByMail} is on without ${settings.smtpUrl.environment}: outside development no code could be sent. ` +
        `Set it too. Example: ${settings.smtpUrl.environment}=${settings.smtpUrl.example}`,
    );
}
