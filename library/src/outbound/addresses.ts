import { isIP } from "node:net";
import { addressReach } from "../primitives/index.ts";
import { OutboundError } from "./outbound-error.ts";

/** One address of a name, as Node's own resolver answers it. */
export interface Resolved {
  readonly address: string;
  readonly family: number;
}

/** Asks for every address of a name. Rejects, or answers with an empty list, when there is none. */
export type ResolveName = (name: string) => Promise<readonly Resolved[]>;

/** The machine's resolver. */
const systemResolve: ResolveName = async (name) => (await import("node:dns/promises")).lookup(name, { all: true });

/**
 * The addresses of a URL, all of them good: one that leads inside refuses the name, for whoever mixes the two is up to
 * something. They are what is connected to; the name is not asked for again (DNS rebinding). Rejects with an OutboundError.
 */
export async function checkedAddresses(
  url: URL,
  { allowPrivate = false, resolve = systemResolve }: { readonly allowPrivate?: boolean; readonly resolve?: ResolveName },
): Promise<readonly Resolved[]> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const family = isIP(host);
  const addresses = family === 0 ? await resolved(host, resolve) : [{ address: host, family }];
  for (const { address } of addresses) {
    const reach = addressReach(address);
    if (reach === "never" || (reach === "inside" && !allowPrivate))
      throw new OutboundError("address", `${host} is an address from which nothing is fetched`);
    if (reach === "public" && url.protocol !== "https:") throw new OutboundError("url", `${host} is not in a private network: use https`);
  }
  return addresses;
}

async function resolved(host: string, resolve: ResolveName): Promise<readonly Resolved[]> {
  let found: readonly Resolved[];
  try {
    found = await resolve(host);
  } catch (cause) {
    throw new OutboundError("unresolved", `${host} cannot be resolved`, { cause });
  }
  if (found.length === 0) throw new OutboundError("unresolved", `${host} has no address`);
  return found;
}
