import { checkSource, type PasswordOptions, type PasswordSettings, readPasswordOptions, type UserSource } from "./accounts/index.ts";
import {
  type Clock,
  type DecisionEvent,
  type Ephemeral,
  type MethodFactory,
  OptionFault,
  type Store,
  systemClock,
  wholeOption,
  wordOption,
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
import { type Provider, readProviders } from "./methods/oauth/client/index.ts";
import { type KeyFormOptions, type KeyForms, readKeyForms } from "./methods/api-key/index.ts";
import { type LeakOptions, type LeakSettings, readLeakOptions } from "./leaks/index.ts";
import { type MailOptions, type MailSettings, readMailOptions } from "./mail/index.ts";
import { type RegistrationOptions, type RegistrationSettings, readRegistrationOptions } from "./methods/oauth/server/index.ts";
import { type Brand, type PageOptions, readBrand } from "./pages/index.ts";
import { type OAuthOptions, type OAuthSettings, readOAuthOptions } from "./methods/oauth/server/index.ts";
import { readSessionOptions, type SessionOptions, type SessionSettings } from "./methods/session/index.ts";
import { type AuditOptions, type AuditSettings, readAuditOptions } from "./policies/audit/index.ts";
import { type LimitOptions, type LimitSettings, readLimitOptions } from "./policies/rate-limit/index.ts";
import { knownSample } from "./primitives/index.ts";
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
  readonly apiKeys?: KeyFormOptions;
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
  readonly audit?: AuditOptions;
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
  readonly keyForms: KeyForms;
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
  readonly audit: AuditSettings;
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
  const issuer = checkIssuer(options.issuer);
  const jwt = readJwtOptions(options.jwt ?? {}, issuer);
  return {
    issuer,
    store: options.store,
    secrets: checkSecrets(options.secret),
    ephemeral: options.ephemeral,
    methods: options.methods ?? [],
    environment: wordOption("environment", options.environment ?? "live", '"live"'),
    trustProxy: options.trustProxy ?? [],
    keyForms: readKeyForms(options.apiKeys),
    users: checkSource(options.users),
    passwords: readPasswordOptions(options.passwords),
    basic: readBasicOptions(options.basic),
    signUp: options.signUp ?? options.issuer.startsWith("http:"),
    providers: readProviders(options.providers),
    mail: readMailOptions(options.mail, issuer),
    sessions: readSessionOptions(options.sessions),
    jwt,
    signing: readSigningOptions(options.signingKeys ?? {}),
    oauth: readOAuthOptions(options.oauth, [jwt.audience, ...jwt.audiences]),
    forwardAuth: readForwardAuthOptions(options.forwardAuth, issuer),
    registration: readRegistrationOptions(options.registration ?? {}, issuer, Object.keys(options.oauth?.scopes ?? {})),
    dpop: readDpopOptions(options.dpop ?? {}, issuer, jwt.audience),
    leaks: readLeakOptions(options.leaks, issuer),
    webhooks: readWebhookOptions(options.webhooks, issuer),
    pages: options.pages === false ? undefined : readBrand(options.pages ?? {}, issuer),
    limits: readLimitOptions(options.limits),
    audit: readAuditOptions(options.audit, options.store.dialect),
    cacheEntries: wholeOption("cache.entries", options.cache?.entries ?? 20_000, { most: 10_000_000, example: "20000" }),
    cacheMs: wholeOption("cache.seconds", options.cache?.seconds ?? 300, { most: 86_400, example: "300" }) * 1000,
    feedSilenceMs: wholeOption("cache.silenceSeconds", options.cache?.silenceSeconds ?? 5, { most: 3_600, example: "5" }) * 1000,
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
