import { type Attempt, isPromise, type MaybePromise, type Policy, type Refusal, type Verified } from "../../contracts/index.ts";

/**
 * Checks one member of `cnf` (RFC 7800) against the request. `value`: what the token says; undefined: the token does not have
 * this member, which is wrong where the scheme claims that it has.
 */
export type ConfirmationProof = (value: string | undefined, attempt: Attempt) => MaybePromise<Refusal | undefined>;

/**
 * Judges on every request, remembered or not: what is cached is who somebody is, never that the key was proven. A member that
 * has no proof here cannot reach this: methods refuse such tokens.
 */
export function confirmationPolicy(proofs: Readonly<Record<string, ConfirmationProof>>): Policy {
  const list = Object.entries(proofs);

  function judge(verified: Verified, attempt: Attempt, from: number): MaybePromise<Refusal | undefined> {
    const { confirmation } = verified.principal;
    for (let index = from; index < list.length; index += 1) {
      const [member, prove] = list[index]!;
      const refusal = prove(confirmation?.[member], attempt);
      if (refusal === undefined) continue;
      if (!isPromise(refusal)) return refusal;
      return refusal.then((made) => made ?? judge(verified, attempt, index + 1));
    }
    return undefined;
  }

  return {
    name: "confirmation",
    judge(verified, attempt) {
      // Nearly every request: nothing is bound, and nothing is claimed to be.
      if (verified.principal.confirmation === undefined && attempt.credential.scheme !== "DPoP") return undefined;
      return judge(verified, attempt, 0);
    },
  };
}
