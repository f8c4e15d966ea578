import { type ChangeWatch, type DecisionEvent, type Gate, RequestAborted } from "../contracts/index.ts";
import { createRouter } from "../endpoints/index.ts";
import { answerFetch } from "../frameworks/fetch/index.ts";
import { createGuard } from "../guard/index.ts";
import { fetchIfChanged, issuerElsewhere } from "../methods/jwt/index.ts";
import { addressPolicy, clientAddressThrough } from "../policies/address/index.ts";
import { createRecentDecisions } from "../policies/audit/index.ts";
import { authorizer } from "../policies/authorization/index.ts";
import { createMetrics, type MetricsReading } from "../policies/metrics/index.ts";
import { attemptPolicy, createCounters, createRateLimiter } from "../policies/rate-limit/index.ts";
import { createRules } from "../rules.ts";
import {
  createStatusWatch,
  longestListToken,
  openStatusList,
  referenceOf,
  type StatusWatch,
  statusListType,
} from "../status-list/index.ts";
import { memory } from "../stores/memory/index.ts";
import { confirmationsOf } from "./confirmation.ts";
import { issuerEndpoints } from "./issuer.ts";
import { metadataEndpoints, metadataUrl } from "./metadata.ts";
import { methodsOfIssuer } from "./methods.ts";
import { readResourceOptions, type ResourceOptions } from "./options.ts";

/** The guard of an API that knows only its issuer: the rules, the principal and the adapters of a Latchkey. Made by `createResource`. */
export interface Resource extends Gate {
  readonly issuer: string;
  /**
   * Why a request was let in or refused: for the operator, never for the client. By the `X-Request-Id` of its answer, among the
   * last thousands of this process.
   */
  explain(requestId: string): Promise<DecisionEvent | undefined>;
  /** What was decided since the start, and how long it took: for a monitoring system. */
  metrics(): MetricsReading;
  /** Rejects when the issuer's keys cannot be had: nobody would be let in. */
  ping(): Promise<void>;
  /** Stops looking at status lists. */
  close(): Promise<void>;
}

/** Lists must come quickly, or what is at hand counts. */
const listTimeoutMs = 2_000;

/**
 * A guard over an issuer elsewhere. Needs neither a database nor a secret of the issuer, and no issuer that answers yet: keys
 * are fetched with the first token. Throws an OptionFault for an option that cannot be used.
 *
 *     const auth = await createResource({ issuer: "https://auth.example.com" });
 *     app.get("/posts", guard(auth, { scopes: ["posts:read"] }), (req, res) => res.json(req.principal));
 */
export async function createResource(options: ResourceOptions): Promise<Resource> {
  const settings = readResourceOptions(options);
  const { issuer, clock, onFault } = settings;
  const endpoints = issuerEndpoints(settings);
  const ephemeral = settings.ephemeral ?? memory({ clock });
  const { proofs, policies, challenges } = confirmationsOf(settings.dpop, ephemeral, settings.methods);
  const trusted = issuerElsewhere({ ...settings, proofs, keysUrl: endpoints.keysUrl, statusOf: (claims, at) => statusOf(claims, at) });
  const lists = createStatusWatch({
    ...settings,
    fetch: (uri, etag) =>
      fetchIfChanged(uri, { accept: `application/${statusListType}`, etag, mostBytes: longestListToken, timeoutMs: listTimeoutMs }),
    open: (token, uri) => openStatusList(token, uri, trusted.find, clock.now()),
  });
  const statusOf = statusThrough(lists, settings.listOrigins);
  const challenge: Record<string, string> = settings.resource === undefined ? {} : { resource_metadata: metadataUrl(settings.resource) };
  const methods = [
    ...methodsOfIssuer({ settings, trusted, endpoints, proofs, challenge, challenges }),
    ...settings.methods.map((method) => method({ clock, ephemeral, onFault })),
  ];
  const metrics = createMetrics();
  const decisions = createRecentDecisions(settings.onDecision);
  const counters = createCounters({ shared: settings.ephemeral, clock, onFault });
  const clientAddress = clientAddressThrough(settings.trustProxy, settings.onWarning);
  const check = createGuard({
    methods: methods.map(metrics.timed),
    policies: [attemptPolicy(counters, settings.limits.attempts), addressPolicy, ...policies],
    limiter: createRateLimiter(counters, settings.limits.roles),
    authorize: authorizer((role) => settings.permissions.get(role)),
    changes: watchThrough(lists),
    events: metrics.counting(decisions.events),
    clock,
    clientAddress,
    cacheEntries: settings.cacheEntries,
  });
  const { rule, checkAny } = createRules(
    check,
    methods.map(({ name }) => name),
  );
  const handle = createRouter({ endpoints: metadataEndpoints(settings), compile: rule, check, clientAddress, clock });
  const report = (error: unknown, requestId: string): void => {
    if (!(error instanceof RequestAborted)) onFault(error, requestId);
  };
  return {
    issuer,
    rule,
    check: checkAny,
    handle,
    report,
    fetch: (request, known) => answerFetch({ handle, report }, request, known),
    explain: async (requestId) => decisions.explain(requestId),
    metrics: metrics.read,
    ping: async () => void (await trusted.find({ alg: "ES256", typ: undefined, kid: undefined })),
    async close() {
      lists.stop();
      if (settings.ephemeral === undefined) await ephemeral.close();
    },
  };
}

/** What the list says that a token names; only lists of the issuer, or of an origin that was configured, are asked. */
function statusThrough(lists: StatusWatch, origins: ReadonlySet<string>): Parameters<typeof issuerElsewhere>[0]["statusOf"] {
  return (claims, at) => {
    const reference = referenceOf(claims);
    if (reference === undefined) return "good";
    if (reference === false || !URL.canParse(reference.uri) || !origins.has(new URL(reference.uri).origin)) return "untold";
    return lists.ask(reference, at);
  };
}

/** What was verified holds as long as its list says nothing else, and is at hand. */
function watchThrough(lists: StatusWatch): ChangeWatch {
  let lookedAt = 0;
  return {
    version: 0,
    look: (at) => void (lookedAt = at),
    unchanged({ principal }) {
      const reference = principal.method === "jwt" ? referenceOf(principal.claims) : undefined;
      return reference === undefined || (reference !== false && lists.stillGood(reference, lookedAt));
    },
    live: () => true,
  };
}
