import type { Kysely } from "kysely";
import { accountTables, createUsers, type Users, userStates } from "./accounts/index.ts";
import {
  type Answer,
  type Clock,
  type Decision,
  type DecisionEvent,
  type MaybePromise,
  type RequestView,
  type Rule,
  type RuleOptions,
  type Store,
} from "./contracts/index.ts";
import { createRouter, whoamiEndpoint } from "./endpoints/index.ts";
import { compileRule, createGuard } from "./guard/index.ts";
import { type ApiKeys, apiKeyEndpoints, apiKeyMethod, apiKeyTables, createApiKeys, manageKeysRule } from "./methods/api-key/index.ts";
import { type LatchkeyOptions, readOptions } from "./options.ts";
import { addressMatcher, addressPolicy, clientAddressThrough } from "./policies/address/index.ts";
import { auditTables, createAudit } from "./policies/audit/index.ts";
import { authorize } from "./policies/authorization/index.ts";
import { attemptPolicy, createRateLimiter } from "./policies/rate-limit/index.ts";
import { type Changes, changeTables, createChanges, recordChange } from "./policies/revocation/index.ts";
import { memory } from "./stores/memory/index.ts";

/** Every way to authenticate behind one gate. Made by `createLatchkey`. */
export interface Latchkey {
  readonly issuer: string;
  readonly users: Users;
  readonly apiKeys: ApiKeys;
  /** Checks and compiles what a route asks. Build it once per route: its counters belong to it. Throws an OptionFault. */
  rule(options?: RuleOptions): Rule;
  /**
   * The guard, free of any framework: who sends this request, and may they? Synchronous for a warm credential. Rejects
   * with a Fault when it cannot know: answer 503, let nobody in.
   */
  check(view: RequestView, rule: Rule): MaybePromise<Decision>;
  /** Answers a request for one of Latchkey's own endpoints (`/whoami`, `/keys`, …); undefined: it is for somebody else. */
  handle(view: RequestView): MaybePromise<Answer | undefined>;
  /** Why a request was let in or refused: for the operator, never for the client. By the `X-Request-Id` of its answer. */
  explain(requestId: string): Promise<DecisionEvent | undefined>;
  /** Rejects with a Fault when the store does not answer. */
  ping(): Promise<void>;
  /** Makes what is counted and noted in memory durable. */
  flush(): Promise<void>;
  /** Flushes, and closes the stores. */
  close(): Promise<void>;
}

/**
 * Wires the rooms together: brings the tables up to date, starts to listen for changes of other nodes, and returns the
 * gate. Throws an OptionFault for an option that cannot be used, and rejects with a Fault when the store does not answer.
 */
export async function createLatchkey(given: LatchkeyOptions): Promise<Latchkey> {
  const options = readOptions(given);
  const { store, clock, onFault } = options;
  await store.migrate([changeTables, accountTables, apiKeyTables, auditTables]);

  const ephemeral = options.ephemeral ?? memory({ clock });
  const changes = createChanges({ store, clock, silenceMs: options.feedSilenceMs, onFault });
  await changes.start();
  const audit = createAudit({ store, onDecision: options.onDecision, onFault });
  const clientAddress = clientAddressThrough(options.trustProxy);

  const users = createUsers(store, clock);
  const keyParts = {
    store,
    clock,
    forms: options.keyForms,
    environment: options.environment,
    ownerState: userStates(store),
    checkAddresses: (list: readonly string[]) => addressMatcher(list, "allowedAddresses"),
    lastUses: audit.lastUses,
    change: changeThrough(store, changes, clock),
  };
  const apiKeys = createApiKeys(keyParts);
  const methods = [apiKeyMethod({ ...keyParts, addresses: (list) => addressMatcher(list, "allowedAddresses"), cacheMs: options.cacheMs })];

  const check = createGuard({
    methods,
    policies: [attemptPolicy(ephemeral, options.attemptLimits), addressPolicy],
    limiter: createRateLimiter(ephemeral),
    authorize,
    changes,
    events: audit,
    clock,
    clientAddress,
    cacheEntries: options.cacheEntries,
  });

  let rules = 0;
  const methodNames = methods.map((method) => method.name);
  const rule = (wanted: RuleOptions = {}): Rule => compileRule(wanted, methodNames, `rule${(rules += 1)}`);
  const handle = createRouter({
    endpoints: [whoamiEndpoint, ...apiKeyEndpoints(apiKeys, manageKeysRule)],
    compile: rule,
    check,
    clientAddress,
    clock,
  });

  return {
    issuer: options.issuer,
    users,
    apiKeys,
    rule,
    check,
    handle,
    explain: audit.explain,
    ping: () => store.ping(),
    flush: () => audit.flush(),
    async close() {
      changes.stop();
      await audit.stop();
      await ephemeral.close();
      await store.close();
    },
  };
}

/** Runs a job that may make verified answers stale, and tells this node and the others when it did. */
function changeThrough(store: Store, changes: Changes, clock: Clock) {
  return async function change<Tables>(changedId: string, job: (transaction: Kysely<Tables>) => Promise<boolean>): Promise<boolean> {
    const changed = await store.write<Tables, boolean>(async (transaction) => {
      const done = await job(transaction);
      if (done) await recordChange(store, transaction as Kysely<unknown>, changedId, clock.now());
      return done;
    });
    if (changed) changes.apply(changedId);
    return changed;
  };
}

export type { LatchkeyOptions };
