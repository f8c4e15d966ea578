import { after, type Limit, type Openings } from "../../contracts/index.ts";
import { addressBucket } from "../../primitives/index.ts";
import type { Counters } from "./counters.ts";
import { rateLimitRefusals } from "./refusals.ts";
import { stateOf } from "./state.ts";

export interface OpeningLimits {
  /** From one address (IPv6: one network). Undefined: not limited. */
  readonly address: Limit | undefined;
  readonly ipv6Bits: number;
}

/** Counts what strangers begin, by their address. It guards no secret, so a node that counts alone holds the same limit. */
export function createOpenings(counters: Counters, { address: limit, ipv6Bits }: OpeningLimits): Openings {
  return {
    take({ address, at }) {
      if (limit === undefined || address === "") return undefined;
      return after(counters.add(`openings:${addressBucket(address, ipv6Bits)}`, 1, limit.windowMs), (counted) => {
        if (counted.count <= limit.count) return undefined;
        const rateLimit = stateOf(counted, "openings", limit, at);
        const detail = `${counted.count} of ${limit.count}`;
        return rateLimitRefusals.openings({ detail, rateLimit, retryAfterSeconds: rateLimit.resetSeconds });
      });
    },
  };
}
