import type { Roles, Users } from "./accounts/index.ts";
import type { Answer, Decision, DecisionEvent, MaybePromise, RequestView, Rule, RuleOptions } from "./contracts/index.ts";
import type { ApiKeys } from "./methods/api-key/index.ts";
import type { Tokens } from "./methods/jwt/index.ts";
import type { SigningKeys } from "./signing-keys/index.ts";
import type { AuditLog } from "./policies/audit/index.ts";
import type { Sessions } from "./methods/session/index.ts";
import type { MetricsReading } from "./policies/metrics/index.ts";

/** Every way to authenticate behind one gate. Made by `createLatchkey`. */
export interface Latchkey {
  readonly issuer: string;
  readonly users: Users;
  readonly roles: Roles;
  readonly apiKeys: ApiKeys;
  readonly tokens: Tokens;
  readonly signingKeys: SigningKeys;
  /** What was done and what was refused. */
  readonly audit: AuditLog;
  readonly sessions: Sessions;
  /** Checks and compiles what a route asks. Build it once per route: its counters belong to it. Throws an OptionFault. */
  rule<Resource = RequestView>(options?: RuleOptions<Resource>): Rule;
  /**
   * The guard, free of any framework: who sends this request, and may they? Synchronous for a warm credential. Rejects
   * with a Fault when it cannot know: answer 503, let nobody in.
   */
  check(view: RequestView, rule: Rule): MaybePromise<Decision>;
  /**
   * The same for a web-standard request. Options instead of a compiled rule are compiled once for each content, so that
   * an object written in the handler keeps one counter. Throws an OptionFault for options that cannot be used.
   */
  check(request: Request, rule: Rule | RuleOptions): MaybePromise<Decision>;
  /** Answers a request for one of Latchkey's own endpoints (`/whoami`, `/keys`, …); undefined: it is for somebody else. */
  handle(view: RequestView): MaybePromise<Answer | undefined>;
  /**
   * The same for a web-standard request; 404 for any other path, 503 for a fault. Never rejects. `peerAddress` is that of
   * the connection, where the runtime tells it.
   */
  fetch(request: Request, known?: { readonly peerAddress?: string | undefined }): Promise<Response>;
  /**
   * Tells `onFault` what went wrong while this request was answered. The adapters call it for every 503 of theirs; whoever
   * calls `check` or `handle` without an adapter does so too. Never throws.
   */
  report(error: unknown, requestId: string): void;
  /** Why a request was let in or refused: for the operator, never for the client. By the `X-Request-Id` of its answer. */
  explain(requestId: string): Promise<DecisionEvent | undefined>;
  /** What was decided since the start, and how long it took: for a monitoring system. */
  metrics(): MetricsReading;
  /** Rejects with a Fault when the store does not answer. */
  ping(): Promise<void>;
  /** Makes what is counted and noted in memory durable. */
  flush(): Promise<void>;
  /** Flushes, and closes the stores. */
  close(): Promise<void>;
}
