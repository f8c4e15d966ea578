import type { FirstAdmin, HashQueueState, Identities, Roles, Users } from "./accounts/index.ts";
import type { Answer, DecisionEvent, Endpoint, Gate, MaybePromise, RequestView } from "./contracts/index.ts";
import type { ApiKeys } from "./methods/api-key/index.ts";
import type { Tokens } from "./methods/jwt/index.ts";
import type { Clients } from "./methods/oauth/server/index.ts";
import type { SigningKeys } from "./signing-keys/index.ts";
import type { AuditLog } from "./policies/audit/index.ts";
import type { Sessions } from "./methods/session/index.ts";
import type { Webhooks } from "./webhooks/index.ts";
import type { MetricsReading } from "./policies/metrics/index.ts";

/** Every way to authenticate behind one gate. Made by `createLatchkey`. */
export interface Latchkey extends Gate {
  readonly issuer: string;
  readonly users: Users;
  readonly roles: Roles;
  /** How the first operator gets in. */
  readonly firstAdmin: FirstAdmin;
  /** Who people are at providers, and the tokens that came with it. */
  readonly identities: Identities;
  readonly apiKeys: ApiKeys;
  readonly tokens: Tokens;
  /** OAuth clients. */
  readonly clients: Clients;
  readonly signingKeys: SigningKeys;
  /** What was done and what was refused. */
  readonly audit: AuditLog;
  readonly sessions: Sessions;
  /**
   * Endpoints of one's own, guarded, routed and answered like Latchkey's: answers what is for one of them, undefined for the
   * rest. What they are made of is in `latchkey/endpoints`. Throws an OptionFault for a rule that cannot be used.
   */
  route(endpoints: readonly Endpoint[]): (view: RequestView) => MaybePromise<Answer | undefined>;
  /** Who is told of what happens here. */
  readonly webhooks: Webhooks;
  /** Why a request was let in or refused: for the operator, never for the client. By the `X-Request-Id` of its answer. */
  explain(requestId: string): Promise<DecisionEvent | undefined>;
  /** What was decided since the start, how long it took, and how many passwords wait: for a monitoring system. */
  metrics(): MetricsReading & { readonly hashQueue: HashQueueState };
  /** Rejects with a Fault when the store does not answer. */
  ping(): Promise<void>;
  /** Makes what is counted and noted in memory durable. */
  flush(): Promise<void>;
  /** Flushes, and closes the stores. */
  close(): Promise<void>;
}
