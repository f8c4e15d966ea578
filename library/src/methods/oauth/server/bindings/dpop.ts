import { isPromise, isRefusal, type Refusal } from "../../../../contracts/index.ts";
import { type Dpop, dpopAlgorithms, type DpopProof } from "../../../../dpop/index.ts";
import type { Binding, Bound } from "../grants/index.ts";
import { oauthRefusals } from "../refusals.ts";

interface DpopBindingParts {
  readonly dpop: Dpop;
  /** Its URL, as clients know it. */
  readonly tokenEndpoint: string;
}

/**
 * Binds tokens to the key of the proof that comes with the request (RFC 9449 s.5). A client that is registered with
 * `dpop_bound_access_tokens` gets no others (s.5.2).
 */
export function dpopBinding({ dpop, tokenEndpoint }: DpopBindingParts): Binding {
  return {
    metadata: { dpop_signing_alg_values_supported: dpopAlgorithms },
    bind({ view, client, at }) {
      const proof = view.header("dpop");
      if (proof === undefined && client.metadata["dpop_bound_access_tokens"] !== true) return undefined;
      const proven = dpop.verify({ proof, method: view.method, urls: [tokenEndpoint], accessToken: undefined, at });
      return isPromise(proven) ? proven.then(bound) : bound(proven);
    },
  };
}

function bound(proof: DpopProof | Refusal): Bound | Refusal {
  if (isRefusal(proof)) return dpopError(proof);
  return { confirmation: { jkt: proof.thumbprint }, tokenType: "DPoP" };
}

/** The same refusal in the form that endpoints of OAuth have (RFC 9449 s.5, s.8). */
export function dpopError({ code, detail, hint, headers, bearerError }: Refusal): Refusal {
  const make = oauthRefusals[bearerError === "use_dpop_nonce" ? "use-dpop-nonce" : "invalid-dpop-proof"];
  return make({ detail: `${code}: ${detail}`, ...(hint === undefined ? {} : { hint }), ...(headers === undefined ? {} : { headers }) });
}
