import type { Method, Policy } from "../contracts/index.ts";
import { type Check, createGuard } from "../guard/index.ts";
import { addressPolicy } from "../policies/address/index.ts";
import { authorizer } from "../policies/authorization/index.ts";
import type { Metrics } from "../policies/metrics/index.ts";
import type { House } from "./house.ts";

interface GateWiring {
  readonly methods: readonly Method[];
  readonly metrics: Metrics;
  /** Whether a change comes from a page of the site's own. */
  readonly csrf: Policy;
  /** What a role may do, without waiting. */
  readonly permissionsOf: Parameters<typeof authorizer>[0];
}

/** Puts the guard together: every method, every policy that holds for all of them, and where decisions are told. */
export function wireGate(house: House, { methods, metrics, csrf, permissionsOf }: GateWiring): Check {
  const { settings, limits, audit, changes, clientAddress, confirmations } = house;
  return createGuard({
    methods: methods.map(metrics.timed),
    policies: [limits.attempts, addressPolicy, confirmations.policy, csrf],
    limiter: limits.limiter,
    authorize: authorizer(permissionsOf),
    changes,
    events: metrics.counting(audit.events),
    clock: settings.clock,
    clientAddress,
    cacheEntries: settings.cacheEntries,
  });
}
