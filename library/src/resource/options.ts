import {
  type Clock,
  type DecisionEvent,
  type Ephemeral,
  type MethodFactory,
  OptionFault,
  spanOption,
  systemClock,
  wholeOption,
} from "../contracts/index.ts";
import { type ResourceDpopOptions, type ResourceDpopSettings, readResourceDpop } from "./confirmation.ts";
import { type KeyFormOptions, type KeyForms, readKeyForms } from "../methods/api-key/index.ts";
import { basicAuthorization } from "../methods/introspection/index.ts";
import { isSafeUrl } from "../methods/jwt/index.ts";
import { type LimitOptions, type LimitSettings, readLimitOptions } from "../policies/rate-limit/index.ts";
import { isJwsAlgorithm, isSymmetric, type JwsAlgorithm, jwsAlgorithms, scopeForm, isScopeToken } from "../primitives/index.ts";

/** What an API has to know of its issuer. Only `issuer` is required. */
export interface ResourceOptions {
  /** URL of the Latchkey, or of another OAuth server, that issues the tokens: their `iss`, exactly. */
  readonly issuer: string;
  /** Who this API is in `aud`; one of them must be there. Default: `resource`, else the issuer. */
  readonly audience?: string | readonly string[];
  /** URL of this API, for its metadata (RFC 9728) and the challenge that points to it. Default: none is published. */
  readonly resource?: string;
  /** What the metadata says beyond that. */
  readonly metadata?: { readonly name?: string; readonly documentation?: string; readonly scopes?: readonly string[] };
  /** Where the issuer's keys are. Default: what its metadata says. */
  readonly jwksUrl?: string;
  /** Algorithms that are allowed: ES256, EdDSA, RS256 and PS256 by default. */
  readonly algorithms?: readonly JwsAlgorithm[];
  /** Allowed `typ` of tokens. Default `["at+jwt"]`. */
  readonly types?: readonly string[];
  /** How far clocks may be apart, in seconds: 5 by default, 60 at most. */
  readonly toleranceSeconds?: number;
  readonly revocation?: {
    /** How often a status list that tokens name is looked at while requests arrive. Default `"500ms"`. */
    readonly poll?: string;
    /** How long the last list counts while the issuer does not answer; after it nobody is let in (503). Default `"1m"`. */
    readonly keep?: string;
    /** Origins that may serve lists beside the issuer: `["https://status.example.com"]`. */
    readonly origins?: readonly string[];
  };
  /** As whom the issuer is asked about opaque tokens and API keys (RFC 7662). Default: only JWTs are accepted. */
  readonly introspection?: {
    /** A client of the issuer that may ask about this API's audience. */
    readonly clientId?: string;
    readonly clientSecret?: string;
    /** Or an API key of a Latchkey, with the scope `tokens:introspect`. */
    readonly key?: string;
    /** Default: what the issuer's metadata says, else `/oauth/introspect`. */
    readonly url?: string;
    /**
     * Whether JWTs are asked about, too: then whatever ends them at the issuer (a session, a user who is disabled) ends them
     * here. Default: no, their signature and status list are enough.
     */
    readonly jwts?: boolean;
    /** How long an answer is used at most: how old a revocation is when it is heard of. Default `"1s"`. */
    readonly cache?: string;
  };
  /** How API keys begin, as in `createLatchkey`; they are accepted with `introspection`. */
  readonly apiKeys?: KeyFormOptions;
  /** How tokens bound to a key are proven. */
  readonly dpop?: ResourceDpopOptions;
  /** What roles may do, for rules with a `permission`: `{ editor: ["posts:delete"] }`. */
  readonly permissions?: Readonly<Record<string, readonly string[]>>;
  /** Further methods beside the issuer's, as in `createLatchkey`. */
  readonly methods?: readonly MethodFactory[];
  readonly limits?: Pick<LimitOptions, "credentialAddress" | "credential" | "roles" | "ipv6Bits">;
  /** Shared counters of several nodes. Default: memory of this one. */
  readonly ephemeral?: Ephemeral;
  readonly trustProxy?: readonly string[];
  readonly cache?: { readonly entries?: number; readonly seconds?: number };
  readonly clock?: Clock;
  /** Told of every refusal, for a log. Must not throw. */
  readonly onDecision?: (event: DecisionEvent) => void;
  /** Told of every fault, for a log; with the id of the request that was answered 503 by it. */
  readonly onFault?: (error: unknown, requestId?: string) => void;
  readonly onWarning?: (message: string) => void;
}

/** The options, checked and completed. */
export interface ResourceSettings {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly resource: string | undefined;
  readonly metadata: NonNullable<ResourceOptions["metadata"]>;
  readonly jwksUrl: string | undefined;
  readonly algorithms: readonly JwsAlgorithm[];
  readonly types: readonly string[];
  readonly toleranceMs: number;
  readonly pollMs: number;
  readonly keepMs: number;
  readonly listOrigins: ReadonlySet<string>;
  readonly introspection: IntrospectionSettings | undefined;
  readonly dpop: ResourceDpopSettings;
  readonly keyForms: KeyForms;
  readonly permissions: ReadonlyMap<string, ReadonlySet<string>>;
  readonly methods: readonly MethodFactory[];
  readonly limits: LimitSettings;
  readonly ephemeral: Ephemeral | undefined;
  readonly trustProxy: readonly string[];
  readonly cacheEntries: number;
  readonly cacheMs: number;
  readonly clock: Clock;
  readonly onDecision: ((event: DecisionEvent) => void) | undefined;
  readonly onFault: (error: unknown, requestId?: string) => void;
  readonly onWarning: (message: string) => void;
}

export interface IntrospectionSettings {
  readonly authorization: string;
  readonly jwts: boolean;
  readonly url: string | undefined;
  readonly cacheMs: number;
}

/** Checks the options. Throws an OptionFault that names the first one that cannot be used. */
export function readResourceOptions(options: ResourceOptions): ResourceSettings {
  const { onFault } = options;
  const issuer = checkUrl("issuer", options.issuer, '"https://auth.example.com"').replace(/\/$/, "");
  const resource = options.resource === undefined ? undefined : checkUrl("resource", options.resource, '"https://api.example.com"');
  const origins = (options.revocation?.origins ?? []).map(
    (url) => new URL(checkUrl("revocation.origins", url, '["https://status.example.com"]')).origin,
  );
  return {
    issuer,
    resource,
    audiences: checkAudiences(options.audience ?? resource ?? issuer),
    metadata: checkMetadata(options.metadata ?? {}),
    jwksUrl:
      options.jwksUrl === undefined ? undefined : checkUrl("jwksUrl", options.jwksUrl, '"https://auth.example.com/.well-known/jwks.json"'),
    algorithms: checkAlgorithms(options.algorithms ?? ["ES256", "EdDSA", "RS256", "PS256"]),
    types: (options.types ?? ["at+jwt"]).map((type) => type.toLowerCase().replace(/^application\//, "")),
    toleranceMs: wholeOption("toleranceSeconds", options.toleranceSeconds ?? 5, { least: 0, most: 60, example: "5" }) * 1_000,
    pollMs: spanOption("revocation.poll", options.revocation?.poll ?? "500ms", { least: 50, most: 3_600_000, example: '"500ms"' }),
    keepMs: spanOption("revocation.keep", options.revocation?.keep ?? "1m", { least: 1_000, most: 86_400_000, example: '"1m"' }),
    listOrigins: new Set([new URL(issuer).origin, ...origins]),
    introspection: options.introspection === undefined ? undefined : checkIntrospection(options.introspection),
    keyForms: readKeyForms(options.apiKeys),
    dpop: readResourceDpop(options.dpop ?? {}, resource),
    permissions: new Map(Object.entries(options.permissions ?? {}).map(([role, list]) => [role, new Set(list)])),
    methods: options.methods ?? [],
    limits: readLimitOptions(options.limits),
    ephemeral: options.ephemeral,
    trustProxy: options.trustProxy ?? [],
    cacheEntries: wholeOption("cache.entries", options.cache?.entries ?? 20_000, { most: 10_000_000, example: "20000" }),
    cacheMs: wholeOption("cache.seconds", options.cache?.seconds ?? 300, { most: 86_400, example: "300" }) * 1_000,
    clock: options.clock ?? systemClock,
    onDecision: options.onDecision,
    onFault: (error, requestId) => {
      try {
        onFault?.(error, requestId);
      } catch {
        // A log that fails must not change what a client is answered.
      }
    },
    onWarning: options.onWarning ?? ((message) => process.emitWarning(message, "LatchkeyWarning")),
  };
}

function checkUrl(option: string, url: string, example: string): string {
  const good = typeof url === "string" && isSafeUrl(url) && new URL(url).search === "" && new URL(url).hash === "";
  if (good) return url;
  throw new OptionFault(option, { got: url, allowed: "an https URL without query and fragment, or http on loopback", example });
}

function checkIntrospection(given: NonNullable<ResourceOptions["introspection"]>): IntrospectionSettings {
  const { clientId, clientSecret, key, url } = given;
  const parts = key === undefined ? { clientId, clientSecret } : { key };
  for (const [name, value] of Object.entries(parts))
    if (typeof value !== "string" || !/^[\x21-\x7e](?:[^\r\n\0]{0,998}\S)?$/u.test(value))
      // Only its type is told: even a bad secret is not printed.
      throw new OptionFault(`introspection.${name}`, { got: typeof value, allowed: "a text that is not empty", example: '"cli_…"' });
  return {
    authorization: key === undefined ? basicAuthorization(clientId!, clientSecret!) : `Bearer ${key}`,
    jwts: given.jwts === true,
    url: url === undefined ? undefined : checkUrl("introspection.url", url, '"https://auth.example.com/oauth/introspect"'),
    cacheMs: spanOption("introspection.cache", given.cache ?? "1s", { most: 3_600_000, example: '"1s"' }),
  };
}

function checkAudiences(audience: string | readonly string[]): readonly string[] {
  const list = typeof audience === "string" ? [audience] : audience;
  if (Array.isArray(list) && list.length > 0 && list.every((one) => typeof one === "string" && one !== "")) return list;
  throw new OptionFault("audience", { got: audience, allowed: "at least one text", example: '"https://api.example.com"' });
}

function checkMetadata(metadata: NonNullable<ResourceOptions["metadata"]>): NonNullable<ResourceOptions["metadata"]> {
  for (const scope of metadata.scopes ?? [])
    if (typeof scope !== "string" || !isScopeToken(scope))
      throw new OptionFault("metadata.scopes", { got: scope, allowed: scopeForm, example: '["posts:read"]' });
  return metadata;
}

function checkAlgorithms(algorithms: readonly JwsAlgorithm[]): readonly JwsAlgorithm[] {
  for (const name of algorithms)
    if (!isJwsAlgorithm(name) || isSymmetric(name))
      throw new OptionFault("algorithms", {
        got: name,
        allowed: jwsAlgorithms.filter((one) => !isSymmetric(one)).join(", "),
        example: '["ES256"]',
      });
  return algorithms;
}
