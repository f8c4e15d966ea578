import type { Kysely } from "kysely";
import { LRUCache } from "lru-cache";
import { accountTables } from "./accounts/index.ts";
import {
  type Clock,
  type Decision,
  type MaybePromise,
  OptionFault,
  RequestAborted,
  type RequestView,
  type Rule,
  type RuleOptions,
  type Store,
} from "./contracts/index.ts";
import { createRouter, whoamiEndpoint } from "./endpoints/index.ts";
import type { Latchkey } from "./face.ts";
import { answerFetch, FetchRequestView } from "./frameworks/fetch/index.ts";
import { compileRule, createGuard } from "./guard/index.ts";
import { apiKeyEndpoints, apiKeyMethod, apiKeyTables, createApiKeys, manageKeysRule } from "./methods/api-key/index.ts";
import { sessionTables } from "./methods/session/index.ts";
import { type LatchkeyOptions, readOptions } from "./options.ts";
import { addressMatcher, addressPolicy, clientAddressThrough } from "./policies/address/index.ts";
import { auditTables, createAudit } from "./policies/audit/index.ts";
import { authorizer } from "./policies/authorization/index.ts";
import { createMetrics } from "./policies/metrics/index.ts";
import { type Changes, changeTables, createChanges, recordChange } from "./policies/revocation/index.ts";
import { deriveKeys, sha256 } from "./primitives/index.ts";
import { memory } from "./stores/memory/index.ts";
import { wireAccounts, wireBasic, wireLimits, wirePages, wireSessions } from "./wiring/index.ts";

/**
 * Wires the rooms together: brings the tables up to date, starts to listen for changes of other nodes, and returns the
 * gate. Throws an OptionFault for an option that cannot be used, and rejects with a Fault when the store does not answer.
 */
export async function createLatchkey(given: LatchkeyOptions): Promise<Latchkey> {
  const options = readOptions(given);
  const { store, clock, onFault } = options;
  await store.migrate([changeTables, accountTables, apiKeyTables, sessionTables, auditTables]);

  const ephemeral = options.ephemeral ?? memory({ clock });
  const changes = createChanges({ store, clock, silenceMs: options.feedSilenceMs, onFault });
  await changes.start();
  const keys = deriveKeys(options.secrets, "audit-chain");
  const audit = createAudit({ store, clock, keys, ...options.audit, onDecision: options.onDecision, onFault });
  const clientAddress = clientAddressThrough(options.trustProxy, options.onWarning);

  const change = changeThrough(store, changes, clock);
  const limits = wireLimits(options);
  const accounts = await wireAccounts({
    settings: options,
    change,
    trail: audit.trail,
    limits: limits.signIn,
    onChange: changes.onChange,
  });
  const session = wireSessions({
    settings: options,
    ephemeral,
    change,
    trail: audit.trail,
    personState: accounts.stateOf,
    signIn: accounts.signIn,
  });
  const keyParts = {
    store,
    clock,
    forms: options.keyForms,
    environment: options.environment,
    ownerState: accounts.stateOf,
    checkAddresses: (list: readonly string[]) => addressMatcher(list, "allowedAddresses"),
    lastUses: audit.lastUses,
    trail: audit.trail,
    change,
  };
  const apiKeys = createApiKeys(keyParts);
  const methods = [
    apiKeyMethod({ ...keyParts, addresses: (list) => addressMatcher(list, "allowedAddresses"), cacheMs: options.cacheMs }),
    ...wireBasic(options, accounts),
    session.method,
    ...options.methods.map((method) => method({ clock, ephemeral, onFault })),
  ];
  checkMethodNames(methods.map((method) => method.name));

  const metrics = createMetrics();
  const check = createGuard({
    methods: methods.map(metrics.timed),
    policies: [limits.attempts, addressPolicy, session.policy],
    limiter: limits.limiter,
    authorize: authorizer(accounts.permissionsOf),
    changes,
    events: metrics.counting(audit.events),
    clock,
    clientAddress,
    cacheEntries: options.cacheEntries,
  });

  let rules = 0;
  const methodNames = methods.map((method) => method.name);
  const compiledRules = new WeakSet<object>();
  const rule = <Resource = RequestView>(wanted: RuleOptions<Resource> = {}): Rule => {
    const compiled = compileRule(wanted, methodNames, `rule${(rules += 1)}`);
    compiledRules.add(compiled);
    return compiled;
  };
  const byContent = new LRUCache<string, Rule>({ max: 1_000 });
  /** The id is made of the content, so that the counters outlive the memory of the rule. */
  const ruleOf = (wanted: RuleOptions): Rule => {
    // A function has no content: a rule with one must be built once, by the app.
    if (wanted.can !== undefined)
      throw new OptionFault("can", {
        got: wanted.can,
        allowed: "in a rule made by auth.rule(…)",
        example: "const rule = auth.rule({ can }); await auth.check(request, rule)",
      });
    const content = JSON.stringify(wanted);
    const known = byContent.get(content) ?? compileRule(wanted, methodNames, `rule:${sha256(content)}`);
    byContent.set(content, known);
    return known;
  };
  const checkAny = (request: RequestView | Request, wanted: Rule | RuleOptions): MaybePromise<Decision> =>
    isView(request)
      ? check(request, wanted as Rule)
      : check(new FetchRequestView(request), compiledRules.has(wanted) ? (wanted as Rule) : ruleOf(wanted as RuleOptions));
  const report = (error: unknown, requestId: string): void => {
    if (!(error instanceof RequestAborted)) onFault(error, requestId);
  };
  const api = [whoamiEndpoint(), ...apiKeyEndpoints(apiKeys, manageKeysRule(options.sessions.fresh)), ...session.endpoints];
  const handle = createRouter({
    endpoints: wirePages(options, { endpoints: api, compile: rule, check, formToken: session.csrf.make, users: accounts.users }),
    compile: rule,
    check,
    clientAddress,
    clock,
  });

  return {
    issuer: options.issuer,
    users: accounts.users,
    roles: accounts.roles,
    apiKeys,
    audit: audit.log,
    sessions: session.sessions,
    rule,
    check: checkAny,
    handle,
    fetch: (request, known) => answerFetch({ handle, report }, request, known),
    report,
    explain: audit.explain,
    metrics: metrics.read,
    ping: () => store.ping(),
    async flush() {
      await session.flush();
      await audit.flush();
    },
    async close() {
      changes.stop();
      await session.stop();
      await audit.stop();
      await ephemeral.close();
      await store.close();
    },
  };
}

/** Told by what it has, not by instanceof, which asks a class of the runtime: this is on the way of every request. */
const isView = (request: RequestView | Request): request is RequestView => typeof (request as RequestView).requestId === "string";

/** A rule names methods, so no two may share a name. */
function checkMethodNames(names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new OptionFault("methods", {
    got: `two methods called ${twice}`,
    allowed: "a name of its own for each",
    example: 'name: "github"',
  });
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

export type { Latchkey, LatchkeyOptions };
