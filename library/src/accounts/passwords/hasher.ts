import { Fault } from "../../contracts/index.ts";
import { dummyArgon2, hashArgon2, type HashCost, isOutdated } from "./argon2.ts";
import { formatOf } from "./formats/index.ts";
import type { HashQueue } from "./queue.ts";

/** Makes and checks password hashes, all of them through one queue. */
export interface Hasher {
  /** Rejects with a Fault when too many wait. */
  hash(password: string): Promise<string>;
  /**
   * Whether the password has this hash. `received` is the password before normalisation: an imported hash may have been
   * made of that.
   */
  verify(encoded: string, password: string, received: string): Promise<boolean>;
  /** Takes as long as `verify` of a hash made here, and is always false. */
  verifyNobody(password: string): Promise<false>;
  isOutdated(encoded: string): boolean;
  /** Throws the Fault of too many, so that in a flood nothing is looked up for who is turned away. */
  refuseWhenFull(): void;
}

export function createHasher(queue: HashQueue, cost: HashCost): Hasher {
  const nobody = dummyArgon2(cost);

  async function verify(encoded: string, password: string): Promise<boolean> {
    const format = formatOf(encoded);
    if (format === undefined) throw new Fault("LATCHKEY_STORE_UNAVAILABLE", "A stored password hash is of a kind that is not known.");
    // Strictly true: whatever else a verifier answers is no.
    return (await queue.run(() => format.verify(encoded, password))) === true;
  }

  return {
    hash: (password) => queue.run(() => hashArgon2(password, cost)),
    async verify(encoded, password, received) {
      if (await verify(encoded, password)) return true;
      return received !== password && isOutdated(encoded, cost) && verify(encoded, received);
    },
    async verifyNobody(password) {
      await verify(nobody, password);
      return false;
    },
    isOutdated: (encoded) => isOutdated(encoded, cost),
    refuseWhenFull: () => queue.refuseWhenFull(),
  };
}
