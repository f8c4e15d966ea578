import { isPromise, isRefusal, type MaybePromise, type Refusal, type RequestView } from "../contracts/index.ts";
import type { Dpop, DpopProof } from "./dpop.ts";
import { dpopRefusals } from "./refusals.ts";

/** A request with a token that is bound to a key, or that was sent as one that is. */
export interface BoundRequest {
  readonly view: RequestView;
  /** The scheme it came by; undefined: not in `Authorization`. */
  readonly scheme: string | undefined;
  readonly token: string;
  readonly at: number;
}

/**
 * Whether a request with a token may use it: the rule of RFC 9449 s.7.1 and s.7.2. `bases`: URLs before the path of a
 * request, as clients know this server; what `Host` says is not believed, or a proof for another host would do here.
 */
export function createBinding(dpop: Pick<Dpop, "verify">, bases: readonly string[]) {
  const heads = [...new Set(bases.map((base) => base.replace(/\/+$/, "")))];
  /** `thumbprint`: of the key that the token is bound to; undefined: of none. Call it on every request. */
  return (thumbprint: string | undefined, { view, scheme, token, at }: BoundRequest): MaybePromise<Refusal | undefined> => {
    const byDpop = scheme?.toLowerCase() === "dpop";
    if (thumbprint === undefined) return byDpop ? dpopRefusals["unbound-token"]({ detail: "the token has no cnf.jkt" }) : undefined;
    if (!byDpop) return dpopRefusals["sent-as-bearer"]({ detail: `bound to ${thumbprint}` });
    const path = view.target.split(/[?#]/, 1)[0]!;
    const urls = heads.map((head) => head + path);
    const proof = dpop.verify({ proof: view.header("dpop"), method: view.method, urls, accessToken: token, at });
    const judge = (made: DpopProof | Refusal): Refusal | undefined => {
      if (isRefusal(made)) return made;
      return made.thumbprint === thumbprint ? undefined : dpopRefusals["wrong-key"]({ detail: `proven by ${made.thumbprint}` });
    };
    return isPromise(proof) ? proof.then(judge) : judge(proof);
  };
}
