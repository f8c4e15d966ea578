import { type ChangeWatch, type Credential, type EventSink, type Method, type Principal, systemClock } from "../contracts/index.ts";
import { type Check, createGuard } from "../guard/index.ts";
import { authorizer } from "../policies/authorization/index.ts";
import { createCounters, createRateLimiter } from "../policies/rate-limit/index.ts";
import { Secret } from "../primitives/index.ts";

/** What each role may do. */
export type RolePermissions = Readonly<Record<string, readonly string[]>>;

/** The real road of a request, with one method on it that finds this principal in everything. */
export function believingCheck(principal: Principal | undefined, permissions: RolePermissions): Check {
  return createGuard({
    methods: principal === undefined ? [] : [believing(principal)],
    policies: [],
    limiter: createRateLimiter(createCounters({ shared: undefined, clock: systemClock, onFault: () => undefined })),
    authorize: authorizer((role) => new Set(permissions[role])),
    changes: nothingChanges,
    events: nobodyListens,
    clock: systemClock,
    clientAddress: (view) => view.peerAddress,
    cacheEntries: 1,
  });
}

function believing(principal: Principal): Method {
  const credential: Credential = { method: principal.method, secret: new Secret("pretended"), scheme: "Bearer", hint: "(pretended)" };
  const verified = {
    principal,
    sessionId: undefined,
    grantId: undefined,
    cacheUntil: 0,
    allowedAddresses: undefined,
    rateLimit: undefined,
  };
  return {
    name: principal.method,
    ambient: false,
    queryParameters: [],
    reusable: false,
    read: () => credential,
    verify: () => verified,
    challenge: () => ({ scheme: "Bearer", parameters: { realm: "api" } }),
  };
}

const nothingChanges: ChangeWatch = { look: () => undefined, version: 1, unchanged: () => true, live: () => true };
const nobodyListens: EventSink = { allowed: () => undefined, refused: () => undefined };
