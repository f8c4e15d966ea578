import { UsageError } from "../usage.ts";
import { settings, type Values } from "./settings.ts";
import type { Origins } from "./sources.ts";

/** An issuer of plain http over a listener of https. Throws a UsageError. */
export function refuseTlsTogether(values: Values, origins: Origins): void {
  if (values.tlsCert !== undefined && values.issuer?.startsWith("http:") === true)
    throw new UsageError(
      `${origins.issuer}: got ${JSON.stringify(values.issuer)}; allowed with ${origins.tlsCert}: the https URL that clients use. ` +
        `Example: ${settings.issuer.example}`,
    );
}
