import { type Challenge, type Ephemeral, isPromise, isRefusal, type MaybePromise, type Refusal } from "../contracts/index.ts";
import { longestJws, parseJsonObject, readJws, sha256, verifyJws } from "../primitives/index.ts";
import { type ProofClaims, readProofClaims } from "./claims.ts";
import type { Nonces } from "./nonces.ts";
import { createKeyReader, dpopAlgorithms } from "./public-key.ts";
import { dpopRefusals } from "./refusals.ts";
import { samePlace } from "./same-place.ts";

export interface DpopParts {
  /** Where a proof is remembered until it is too old to be used again; shared by all nodes. */
  readonly ephemeral: Pick<Ephemeral, "putIfAbsent">;
  readonly nonces: Nonces;
  /** Whether every proof must have a nonce of ours. One that has another is refused in any case. */
  readonly requireNonce: boolean;
}

/** One request, as the proof must describe it. */
export interface ProofQuestion {
  /** The `DPoP` field, as it was received. */
  readonly proof: string | readonly string[] | undefined;
  readonly method: string;
  /** The URLs under which a client may have asked for this, query and fragment left out. */
  readonly urls: readonly string[];
  /** The token that comes along; undefined where one is only being asked for. */
  readonly accessToken: string | undefined;
  readonly at: number;
}

export interface DpopProof {
  /** The thumbprint of the key that made it (RFC 7638): `cnf.jkt` of the tokens bound to it. */
  readonly thumbprint: string;
}

export interface Dpop {
  /**
   * Judges a proof by RFC 9449 s.4.3, and remembers it, so that it counts once. Synchronous where the ephemeral port is.
   * Rejects with a Fault when the port cannot tell.
   */
  verify(question: ProofQuestion): MaybePromise<DpopProof | Refusal>;
  /** What invites a token of this scheme (RFC 9449 s.7.1). */
  readonly challenge: Challenge;
  /** Tells a client which nonce to use, as the field of an answer. */
  nonceField(at: number): Readonly<Record<string, string>>;
}

/** How old a proof may be, and how far ahead the client's clock. */
const oldestMs = 60_000;
const aheadMs = 15_000;
/** Longer ones only cost: an RSA key of 8192 bits has room. */
const longest = Math.min(8_192, longestJws);

export function createDpop({ ephemeral, nonces, requireNonce }: DpopParts): Dpop {
  const keyIn = createKeyReader();
  const nonceField = (at: number) => ({ "dpop-nonce": nonces.current(at) });

  function verify(question: ProofQuestion): MaybePromise<DpopProof | Refusal> {
    const proven = prove(question);
    if (isRefusal(proven)) return proven;
    const { claims, thumbprint } = proven;
    // Kept for as long as it could be used again.
    const first = ephemeral.putIfAbsent(`dpop:${thumbprint}:${sha256(claims.jti)}`, "", oldestMs + aheadMs + 1_000);
    const judge = (isFirst: boolean): DpopProof | Refusal =>
      isFirst ? { thumbprint } : dpopRefusals.replayed({ detail: "this jti was used", hint: "Make a proof for each request." });
    return isPromise(first) ? first.then(judge) : judge(first);
  }

  function prove(question: ProofQuestion): { readonly claims: ProofClaims; readonly thumbprint: string } | Refusal {
    const { proof } = question;
    if (proof === undefined) return dpopRefusals["proof-missing"]({ detail: "no DPoP field", hint: "Send a proof in the DPoP field." });
    if (typeof proof !== "string") return malformed("more than one DPoP field");
    if (proof.length > longest) return malformed(`longer than ${longest} characters`);
    const jws = readJws(proof);
    if ("problem" in jws) return malformed(jws.problem);
    if (jws.header.typ?.toLowerCase().replace(/^application\//, "") !== "dpop+jwt")
      return dpopRefusals["wrong-type"]({ detail: "typ is another", hint: "typ must be dpop+jwt." });
    const payload = parseJsonObject(jws.payload);
    if (payload === undefined) return malformed("the payload is not a JSON object, or repeats a name");
    const claims = readProofClaims(payload);
    if (isRefusal(claims)) return claims;
    const known = keyIn(proof.slice(0, proof.indexOf(".")), jws.header.alg);
    if (isRefusal(known)) return known;
    if (!verifyJws(jws, known.key)) return dpopRefusals["bad-signature"]({ detail: "the key in the proof did not sign it" });
    return judgeClaims(claims, question) ?? { claims, thumbprint: known.thumbprint };
  }

  function judgeClaims(claims: ProofClaims, { method, urls, accessToken, at }: ProofQuestion): Refusal | undefined {
    if (claims.htm !== method) return wrongRequest(`htm must be ${method}`);
    if (!urls.some((url) => samePlace(claims.htu, url))) return wrongRequest(`htu must be ${urls[0]}`);
    if (accessToken !== undefined && claims.ath !== sha256(accessToken))
      return dpopRefusals["wrong-token"]({ detail: "ath is of another token", hint: "ath must be the SHA-256 of the token." });
    // The nonce first: a client whose clock is wrong is helped by it.
    if (claims.nonce === undefined ? requireNonce : !nonces.isFresh(claims.nonce, at))
      return dpopRefusals["nonce-needed"]({
        detail: claims.nonce === undefined ? "no nonce" : "the nonce is old, or not of this server",
        headers: nonceField(at),
      });
    if (claims.iat < at - oldestMs || claims.iat > at + aheadMs)
      return dpopRefusals["not-fresh"]({
        detail: `made at ${new Date(claims.iat).toISOString()}`,
        hint: "iat must be of this minute: make a proof for each request, and set the clock.",
        headers: nonceField(at),
      });
    return undefined;
  }

  return {
    verify,
    challenge: Object.freeze({ scheme: "DPoP", parameters: Object.freeze({ algs: dpopAlgorithms.join(" ") }) }),
    nonceField,
  };
}

function malformed(problem: string): Refusal {
  return dpopRefusals["proof-malformed"]({ detail: problem, hint: `${problem}.` });
}

function wrongRequest(problem: string): Refusal {
  return dpopRefusals["wrong-request"]({ detail: problem, hint: `${problem}.` });
}
