import { OptionFault } from "../../../contracts/index.ts";
import type { Provider } from "./provider.ts";

/** Checks `providers` of the options, and keeps their order. Throws an OptionFault. */
export function readProviders(providers: readonly Provider[] = []): ReadonlyMap<string, Provider> {
  const known = new Map<string, Provider>();
  for (const provider of Array.isArray(providers) ? providers : [providers]) {
    const given = provider as Partial<Provider> | undefined;
    if (typeof given?.redeem !== "function" || typeof given.id !== "string")
      throw fault(provider, "a list of providers of latchkey/providers");
    if (known.has(given.id)) throw fault(given.id, "an id of its own for each");
    known.set(given.id, provider);
  }
  return known;
}

function fault(got: unknown, allowed: string): OptionFault {
  return new OptionFault("providers", { got, allowed, example: "[github({ clientId, clientSecret })]" });
}
