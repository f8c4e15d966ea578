import { Fault } from "../../../contracts/index.ts";
import { fetchJson } from "../fetch-json.ts";
import { fetchIssuerMetadata } from "../issuer-metadata.ts";

/** The published key set of an issuer, as text: by its metadata, else at the usual place. Rejects with a Fault. */
export async function fetchKeySet(issuer: string): Promise<string> {
  const metadata = await fetchIssuerMetadata(issuer).catch(() => undefined);
  const named = metadata?.["jwks_uri"];
  const url = typeof named === "string" ? named : `${issuer.replace(/\/$/, "")}/.well-known/jwks.json`;
  try {
    return JSON.stringify(await fetchJson(url));
  } catch (cause) {
    throw new Fault("LATCHKEY_ISSUER_UNAVAILABLE", `The keys of ${issuer} cannot be fetched.`, { cause });
  }
}
