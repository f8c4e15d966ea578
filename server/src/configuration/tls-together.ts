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
];

/** Settings of TLS that say nothing alone, or not what was meant. Throws a UsageError. */
export function refuseTlsTogether(values: Values, origins: Origins): void {
  for (const [key, others] of needs)
    if (values[key] !== undefined && others.every((other) => values[other] === undefined))
      throw new UsageError(
        `${origins[key]} is set without ${others.map((other) => settings[other].environment).join(" or ")}. ` +
          `Set it too. Example: ${settings[others[0]].environment}=${settings[others[0]].example}`,
      );
  if (values.tlsCert !== undefined && values.issuer?.startsWith("http:") === true)
    throw new UsageError(
      `${origins.issuer}: got ${JSON.stringify(values.issuer)}; allowed with ${origins.tlsCert}: the https URL that clients use. ` +
        `Example: ${settings.issuer.example}`,
    );
}
