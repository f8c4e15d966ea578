import { argon2InThread } from "./hash-threads.ts";

/** Cost of argon2id. */
export interface HashCost {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** OWASP's parameters: the default, and the least that is allowed. */
export const leastCost: HashCost = { memoryKiB: 19_456, passes: 2, parallelism: 1 };

/** argon2id (RFC 9106) as a PHC string, with 16 random bytes of salt. */
export function hashArgon2(password: string, cost: HashCost): Promise<string> {
  return argon2InThread("hash", password, { memoryCost: cost.memoryKiB, timeCost: cost.passes, parallelism: cost.parallelism });
}

/** A hash of nothing that costs as much to check as a real one: for users that are not there. Its bytes are all zero. */
export function dummyArgon2(cost: HashCost): string {
  const { memoryKiB: m, passes: t, parallelism: p } = cost;
  return `$argon2id$v=19$m=${m},t=${t},p=${p}$${"A".repeat(22)}$${"A".repeat(43)}`;
}

const costOf = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$/;

/** Whether a stored hash is weaker than what is made now, or of another kind or form. */
export function isOutdated(encoded: string, cost: HashCost): boolean {
  const found = costOf.exec(encoded);
  return found === null || Number(found[1]) < cost.memoryKiB || Number(found[2]) < cost.passes || Number(found[3]) < cost.parallelism;
}
