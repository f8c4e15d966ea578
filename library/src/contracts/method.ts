import type { JwsHeader, VerificationKey } from "../primitives/index.ts";
import type { Clock } from "./clock.ts";
import type { Answered } from "./answered.ts";
import type { Credential } from "./credential.ts";
import type { Ephemeral } from "./ephemeral.ts";
import type { Principal } from "./principal.ts";
import type { MaybePromise } from "./promise.ts";
import type { Refusal } from "./refusal.ts";
import type { RequestView } from "./request.ts";
import type { Limit, Rule } from "./rule.ts";

/** One way to authenticate. The guard is given a list of these and imports none. */
export interface Method {
  /** `api-key`, `basic`, `session`, … */
  readonly name: string;
  /** An ambient credential (a cookie the browser adds by itself) gives way to an explicit one. */
  readonly ambient: boolean;
  /** Query parameters in which people smuggle this credential: refused wherever they stand (RFC 9700 s.4.3.2). */
  readonly queryParameters: readonly string[];
  /**
   * Whether the verdict depends on the secret alone. Only then may it be cached, and shared by parallel requests;
   * a signature over the request, for one, may not.
   */
  readonly reusable: boolean;
  /** Finds the credential: syntax only, no I/O. Undefined: not mine. A refusal: mine, but malformed. */
  read(view: RequestView): Credential | Refusal | undefined;
  /** Judges it. Rejects with a Fault when it cannot know. */
  verify(credential: Credential, attempt: Attempt): MaybePromise<Verified | Refusal>;
  /**
   * The challenge that invites this method (RFC 9110 s.11.6.1), or one for each scheme; undefined: none fits this request.
   * `ambientToo`: a cookie would do here as well, so nobody needs to be asked for a password.
   */
  challenge(view: RequestView, ambientToo: boolean): Challenge | readonly Challenge[] | undefined;
  /** Further fields of a 401 where this method would do, by lower-case names: an invitation that is no scheme of RFC 9110. */
  readonly challengeFields?: Readonly<Record<string, string>>;
  /**
   * Names the secret where it must not be kept. Default: its SHA-256, which is enough for random secrets; one that people
   * choose needs a key, or whoever reads the name can guess it.
   */
  digest?(secret: string): string;
}

/** What the gate gives to a method that an app adds: `createLatchkey({ methods: [webhook({ … })] })`. */
export interface MethodParts {
  readonly clock: Clock;
  readonly ephemeral: Ephemeral;
  /** Keys of the clients of OAuth; undefined: there are none here. */
  readonly clientKeys?: ClientKeys;
  /** Told of faults in the background. */
  readonly onFault: (error: unknown) => void;
}

/**
 * The key that a client registered (`jwks`, `jwks_uri`) and that a header names, with what the client may in its own name; undefined: there
 * is none. Rejects with a Fault when it cannot be fetched.
 */
export type ClientKeys = (clientId: string, named: JwsHeader) => MaybePromise<ClientKey | undefined>;

export interface ClientKey {
  readonly key: VerificationKey;
  readonly subject: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
}

/** A method before it is put behind a gate. Throws an OptionFault when it cannot be. */
export type MethodFactory = (parts: MethodParts) => Method;

export interface Challenge {
  /** `Bearer`, `Basic`, … Challenges of one scheme are merged into one. */
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The facts of one authentication attempt, gathered once and only read afterwards. */
export interface Attempt {
  readonly view: RequestView;
  readonly rule: Rule;
  /** When the request was looked at. */
  readonly at: number;
  /** The client's address, through trusted proxies only; "" when unknown. */
  readonly address: string;
  readonly credential: Credential;
  /** The method's digest of the presented secret, SHA-256 in base64url by default: names the credential where it must not be kept; "" for one that is good once only. */
  readonly digest: string;
}

/** What a method found out: who it is, and what limits whoever holds this credential. */
export interface Verified {
  readonly principal: Principal;
  /** Ids a revocation may name, beside the principal's credential id and subject. */
  readonly sessionId: string | undefined;
  readonly grantId: string | undefined;
  /** Ids of credentials that this one was made from: with each of them it ends. */
  readonly sources?: readonly string[];
  /** How long this answer may be reused, in milliseconds since the epoch; 0: not at all. Never past the expiry. */
  readonly cacheUntil: number;
  /** Each request proves it anew (a password comes along every time), so the proof is as old as the request. */
  readonly provenEachTime?: true;
  /** Client addresses that may use it; undefined: any. */
  readonly allowedAddresses: AddressMatcher | undefined;
  readonly rateLimit: Limit | undefined;
  /**
   * True where the subject itself is here (a session, a token of an app of ours), not something that acts in its name: scopes narrow what
   * is delegated, so a rule's scopes do not apply. Roles and permissions always do.
   */
  readonly inPerson?: boolean;
  /** For a method that must know how the route answered. Such a method is not `reusable`. */
  readonly answered?: Answered;
}

export interface AddressMatcher {
  matches(address: string): boolean;
  /** As the operator wrote it, for `explain`. */
  readonly text: string;
}
