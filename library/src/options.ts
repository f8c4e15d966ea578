import { hostname } from "node:os";
import { checkSource, type PasswordOptions, type PasswordSettings, readPasswordOptions, type UserSource } from "./accounts/index.ts";
import {
  type Clock,
  type DecisionEvent,
  type Ephemeral,
  type MethodFactory,
  OptionFault,
  type Store,
  systemClock,
} from "./contracts/index.ts";
import { type ForwardAuthOptions, type ForwardAuthSettings, readForwardAuthOptions } from "./endpoints/index.ts";
import { type DpopOptions, type DpopSettings, readDpopOptions } from "./dpop/index.ts";
import { type BasicOptions, type BasicSettings, readBasicOptions } from "./methods/basic/index.ts";
import {
  type JwtOptions,
  type JwtSettings,
  readJwtOptions,
  readSigningOptions,
  type SigningKeyOptions,
  type SigningSettings,
} from "./jwt-options.ts";
import type { Provider } from "./methods/oauth/client/index.ts";
import { type LeakOptions, type LeakSettings, readLeakOptions } from "./leaks/index.ts";
import { type MailOptions, type MailSettings, readMailOptions } from "./mail/index.ts";
import { type RegistrationOptions, type RegistrationSettings, readRegistrationOptions } from "./methods/oauth/server/index.ts";
import { type Brand, type PageOptions, readBrand } from "./pages/index.ts";
import { type OAuthOptions, type OAuthSettings, readOAuthOptions } from "./methods/oauth/server/index.ts";
import { readSessionOptions, type SessionOptions, type SessionSettings } from "./methods/session/index.ts";
import { type LimitOptions, type LimitSettings, readLimitOptions } from "./policies/rate-limit/index.ts";
import { durationForm, knownSample, parseDuration } from "./primitives/index.ts";
import { readWebhookOptions, type WebhookSendOptions, type WebhookSettings } from "./webhooks/index.ts";

/** What `createLatchkey` is told. */
export interface LatchkeyOptions {
  /** The URL of this API or server as its clients know it, e.g. `https://api.example.com`. http only on loopback. */
  readonly issuer: string;
  /** Where durable state lives: `sqlite("app.db")` or `postgres(url)`. */
  readonly store: Store;
  /** The master secret: at least 32 bytes. Several, newest first, to rotate it. */
  readonly secret: string | readonly string[];
  /** Short-lived shared state. Default: the memory of this process. */
  readonly ephemeral?: Ephemeral;
  /** Further ways to authenticate: `webhook({ … })` of latchkey/webhook, … Each name once. */
  readonly methods?: readonly MethodFactory[];
  /** `live` (default) or `test`: the second part of every key that is issued. */
  readonly environment?: string;
  /** Addresses or ranges of the proxies in front, whose X-Forwarded-For is believed. Default: none. */
  readonly trustProxy?: readonly string[];
  readonly apiKeys?: {
    /** First part of every key. Default `lk`. */
    readonly prefix?: string;
    /** Prefixes of keys issued elsewhere whose hashes are imported, e.g. `["sk_live_"]`. */
    readonly importedPrefixes?: readonly string[];
  };
  /** An app's own users: Latchkey then keeps credentials only, and refers to the app's ids. */
  readonly users?: UserSource;
  readonly passwords?: PasswordOptions;
  /** Whether people may register by themselves. Default: on with an issuer on loopback (development), off elsewhere. */
  readonly signUp?: boolean;
  /**
   * How mails to people are sent: `smtp(url)` of latchkey/smtp, or any function. Left out: addresses are not confirmed and
   * forgotten passwords not replaced.
   */
  readonly mail?: MailOptions;
  /** Who else can say who somebody is: `github({ … })`, `oidc({ … })` of latchkey/providers. In the order of the buttons. */
  readonly providers?: readonly Provider[];
  /** HTTP Basic, for users, over https or on loopback. Default: on; `false` turns it off. */
  readonly basic?: BasicOptions | false;
  readonly sessions?: SessionOptions;
  /** Access tokens: for whom, for how long, and whose are accepted. */
  readonly jwt?: JwtOptions;
  readonly signingKeys?: SigningKeyOptions;
  /** The authorization server: OAuth 2.1 and OpenID Connect for clients of `auth.clients`. */
  readonly oauth?: OAuthOptions;
  /** `/forward-auth`, for proxies in front of APIs in any language. Default: on; `false` turns it off. */
  readonly forwardAuth?: ForwardAuthOptions | false;
  /** Whether OAuth clients may register themselves. */
  readonly registration?: RegistrationOptions;
  /** Tokens that are bound to a key of their holder (RFC 9449). */
  readonly dpop?: DpopOptions;
  /** Who may tell of keys that were found in public. */
  readonly leaks?: LeakOptions;
  /** How webhooks are delivered: `auth.webhooks`. */
  readonly webhooks?: WebhookSendOptions;
  /** The pages for people: `/login`, `/register`, `/account`. Default: on; `false` turns them off. */
  readonly pages?: PageOptions | false;
  /** How often one may fail, and how much one may do. */
  readonly limits?: LimitOptions;
  readonly audit?: {
    /** How long events are kept: `"365d"` by default; `"off"`: for ever. */
    readonly keep?: string;
    /** Name of this node, which writes a chain of its own. Default: `local` on SQLite, else the host name. */
    readonly node?: string;
  };
  readonly cache?: {
    /** How many verified credentials are remembered. Default 20,000; 0 is not allowed. */
    readonly entries?: number;
    /** For how long, in seconds. Default 300. */
    readonly seconds?: number;
    /** Seconds of silence of the change feed after which nothing cached is served. Default 5. */
    readonly silenceSeconds?: number;
  };
  readonly clock?: Clock;
  /** Told of every refusal, for a log. Must not throw. */
  readonly onDecision?: (event: DecisionEvent) => void;
  /**
   * Told of every fault, for a log: with the id of the request that was answered 503 by it (the client has it too, in
   * `X-Request-Id`), or without one for work in the background.
   */
  readonly onFault?: (error: unknown, requestId?: string) => void;
  /** Told of a setting that is probably wrong, once each, for a log. Default: a warning of the Node.js process. */
  readonly onWarning?: (message: string) => void;
}

/** The options, checked and completed. */
export interface Settings {
  readonly issuer: string;
  readonly store: Store;
  /** Master secrets, newest first. */
  readonly secrets: readonly string[];
  readonly ephemeral: Ephemeral | undefined;
  readonly methods: readonly MethodFactory[];
  readonly environment: string;
  readonly trustProxy: readonly string[];
  readonly keyForms: { readonly prefix: string; readonly importedPrefixes: readonly string[] };
  readonly users: UserSource | undefined;
  readonly passwords: PasswordSettings;
  readonly basic: BasicSettings | undefined;
  readonly signUp: boolean;
  readonly mail: MailSettings | undefined;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly sessions: SessionSettings;
  readonly jwt: JwtSettings;
  readonly signing: SigningSettings;
  readonly oauth: OAuthSettings;
  readonly forwardAuth: ForwardAuthSettings | undefined;
  readonly dpop: DpopSettings;
  readonly leaks: LeakSettings;
  readonly webhooks: WebhookSettings;
  readonly registration: RegistrationSettings;
  readonly pages: Brand | undefined;
  readonly limits: LimitSettings;
  readonly audit: { readonly keepMs: number | undefined; readonly node: string };
  readonly cacheEntries: number;
  readonly cacheMs: number;
  readonly feedSilenceMs: number;
  readonly clock: Clock;
  readonly onDecision: ((event: DecisionEvent) => void) | undefined;
  readonly onFault: (error: unknown, requestId?: string) => void;
  readonly onWarning: (message: string) => void;
}

/** Checks the options. Throws an OptionFault that names the first one that cannot be used. */
export function readOptions(options: LatchkeyOptions): Settings {
  if (typeof options !== "object" || options === null) {
    throw new OptionFault("options", { got: options, allowed: "an object", example: '{ issuer, store: sqlite("app.db"), secret }' });
  }
  if (typeof options.store?.write !== "function") {
    throw new OptionFault("store", { got: options.store, allowed: "a store", example: 'sqlite("app.db") of latchkey/sqlite' });
  }
  const jwt = readJwtOptions(options.jwt ?? {}, checkIssuer(options.issuer));
  return {
    issuer: checkIssuer(options.issuer),
    store: options.store,
    secrets: checkSecrets(options.secret),
    ephemeral: options.ephemeral,
    methods: options.methods ?? [],
    environment: checkWord("environment", options.environment ?? "live"),
    trustProxy: options.trustProxy ?? [],
    keyForms: {
      prefix: checkWord("apiKeys.prefix", options.apiKeys?.prefix ?? "lk"),
      importedPrefixes: checkPrefixes(options.apiKeys?.importedPrefixes ?? []),
    },
    users: checkSource(options.users),
    passwords: readPasswordOptions(options.passwords),
    basic: readBasicOptions(options.basic),
    signUp: options.signUp ?? options.issuer.startsWith("http:"),
    providers: checkProviders(options.providers ?? []),
    mail: readMailOptions(options.mail, checkIssuer(options.issuer)),
    sessions: readSessionOptions(options.sessions),
    jwt,
    signing: readSigningOptions(options.signingKeys ?? {}),
    oauth: readOAuthOptions(options.oauth),
    forwardAuth: readForwardAuthOptions(options.forwardAuth, checkIssuer(options.issuer)),
    registration: readRegistrationOptions(
      options.registration ?? {},
      checkIssuer(options.issuer),
      Object.keys(options.oauth?.scopes ?? {}),
    ),
    dpop: readDpopOptions(options.dpop ?? {}, checkIssuer(options.issuer), jwt.audience),
    leaks: readLeakOptions(options.leaks, checkIssuer(options.issuer)),
    webhooks: readWebhookOptions(options.webhooks, checkIssuer(options.issuer)),
    pages: options.pages === false ? undefined : readBrand(options.pages ?? {}, checkIssuer(options.issuer)),
    limits: readLimitOptions(options.limits),
    audit: {
      keepMs: checkSpan("audit.keep", options.audit?.keep ?? "365d"),
      node: checkNode(options.audit?.node ?? (options.store.dialect === "sqlite" ? "local" : hostname())),
    },
    cacheEntries: checkCount("cache.entries", options.cache?.entries ?? 20_000, 10_000_000),
    cacheMs: checkCount("cache.seconds", options.cache?.seconds ?? 300, 86_400) * 1000,
    feedSilenceMs: checkCount("cache.silenceSeconds", options.cache?.silenceSeconds ?? 5, 3_600) * 1000,
    clock: options.clock ?? systemClock,
    onDecision: options.onDecision,
    onFault: unfailing(options.onFault),
    onWarning: options.onWarning ?? ((message) => process.emitWarning(message, "LatchkeyWarning")),
  };
}

/** A log that fails must not change what a client is answered, nor stop what runs in the background. */
function unfailing(onFault: LatchkeyOptions["onFault"]): Settings["onFault"] {
  return (error, requestId) => {
    try {
      onFault?.(error, requestId);
    } catch {
      // There is nobody left to tell.
    }
  };
}

function checkIssuer(issuer: string): string {
  const problem = {
    got: issuer,
    allowed: "an https URL without query and fragment, or http on localhost",
    example: '"https://api.example.com"',
  };
  const url = typeof issuer === "string" && URL.canParse(issuer) ? new URL(issuer) : undefined;
  if (url === undefined || url.search !== "" || url.hash !== "" || url.username !== "" || url.password !== "")
    throw new OptionFault("issuer", problem);
  const loopback = url.hostname === "localhost" || url.hostname === "[::1]" || /^127(\.\d+){3}$/.test(url.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && loopback)) throw new OptionFault("issuer", problem);
  return issuer.replace(/\/$/, "");
}

function checkSecrets(secret: string | readonly string[]): readonly string[] {
  const problem = {
    allowed: "at least 32 bytes of random text, or a list of such texts, newest first",
    example: "the output of: openssl rand -base64 32",
  };
  const secrets = typeof secret === "string" ? [secret] : secret;
  if (!Array.isArray(secrets) || secrets.length === 0)
    throw new OptionFault("secret", { got: typeof secret === "object" ? secret : undefined, ...problem });
  for (const text of secrets) {
    // Only its length is told: even a bad secret is not printed.
    if (typeof text !== "string" || Buffer.byteLength(text) < 32) {
      throw new OptionFault("secret", { got: typeof text === "string" ? `${Buffer.byteLength(text)} bytes` : text, ...problem });
    }
    const reason = knownSample(text);
    if (reason !== undefined)
      throw new OptionFault("secret", {
        ...problem,
        got: `${Buffer.byteLength(text)} bytes`,
        allowed: `${problem.allowed}, and no sample that everybody knows: ${reason}`,
      });
  }
  return [...secrets];
}

function checkWord(option: string, word: string): string {
  if (typeof word !== "string" || !/^[a-z0-9]{1,16}$/.test(word)) {
    throw new OptionFault(option, { got: word, allowed: "1 to 16 lower-case letters and digits", example: '"live"' });
  }
  return word;
}

function checkProviders(providers: readonly Provider[]): ReadonlyMap<string, Provider> {
  const fail = (got: unknown, allowed: string): never => {
    throw new OptionFault("providers", { got, allowed, example: "[github({ clientId, clientSecret })]" });
  };
  if (!Array.isArray(providers)) fail(providers, "a list of providers of latchkey/providers");
  const known = new Map<string, Provider>();
  for (const provider of providers) {
    if (typeof provider?.redeem !== "function" || typeof provider.id !== "string")
      fail(provider, "a list of providers of latchkey/providers");
    if (known.has(provider.id)) fail(provider.id, "an id of its own for each");
    known.set(provider.id, provider);
  }
  return known;
}

function checkPrefixes(prefixes: readonly string[]): readonly string[] {
  for (const prefix of prefixes) {
    if (typeof prefix !== "string" || !/^[A-Za-z0-9._~-]{2,40}$/.test(prefix)) {
      throw new OptionFault("apiKeys.importedPrefixes", {
        got: prefix,
        allowed: "2 to 40 letters, digits and . _ ~ -",
        example: '["sk_live_"]',
      });
    }
  }
  return [...prefixes];
}

function checkSpan(option: string, text: string): number | undefined {
  if (text === "off") return undefined;
  const span = typeof text === "string" ? parseDuration(text) : undefined;
  if (span === undefined) throw new OptionFault(option, { got: text, allowed: `${durationForm}; or off`, example: '"365d"' });
  return span;
}

function checkNode(name: string): string {
  if (typeof name !== "string" || !/^[\x21-\x7e]{1,200}$/.test(name))
    throw new OptionFault("audit.node", { got: name, allowed: "1 to 200 printable characters without spaces", example: '"api-1"' });
  return name;
}

function checkCount(option: string, value: number, most: number): number {
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new OptionFault(option, { got: value, allowed: `a whole number from 1 to ${most}`, example: "300" });
  return value;
}
