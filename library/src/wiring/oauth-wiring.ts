import type { ActedBy, Decision, MaybePromise, Method, OwnerState, RequestView, RuleOptions } from "../contracts/index.ts";
import type { KnownPerson } from "../methods/oauth/server/index.ts";
import type { House } from "./house.ts";
import type { TokenRooms } from "./tokens.ts";

/** What the authorization server is given. */
export interface OAuthWiring extends House {
  readonly tokens: TokenRooms;
  readonly ownerState: (subject: string) => MaybePromise<OwnerState>;
  /** What is known of a user. */
  readonly person: (subject: string) => MaybePromise<KnownPerson | undefined>;
  /** API keys on the gate, for introspection. */
  readonly keyMethod: Method;
  /** Sessions on the gate, for whoever is at the browser. */
  readonly sessionMethod: Method;
  /** The gate itself, asked once requests arrive, with one rule. */
  readonly guardBy: (rule: RuleOptions) => (view: RequestView) => MaybePromise<Decision>;
  /** Whether a session stands. */
  readonly sessionStands: (id: string) => MaybePromise<boolean>;
  /** Ends a session. False: it had ended. */
  readonly endSession: (id: string, by: ActedBy) => Promise<boolean>;
  /** Whether an API key stands for which a token was exchanged. An id that nobody knows stands. */
  readonly keyStands: (id: string) => MaybePromise<boolean>;
}
