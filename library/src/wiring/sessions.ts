import type { Kysely } from "kysely";
import type {
  Answer,
  AuditTrail,
  Endpoint,
  Ephemeral,
  MaybePromise,
  Method,
  OwnerState,
  Policy,
  RenewSession,
  RequestView,
  SignIn,
} from "../contracts/index.ts";
import {
  createEnterSession,
  createSessions,
  createSightings,
  createUpkeep,
  type EnterSession,
  ephemeralShelf,
  sessionCacheMs,
  sessionEndpoints,
  sessionMethod,
  sessionStanding,
  type Sessions,
  sqlShelf,
} from "../methods/session/index.ts";
import type { Settings } from "../options.ts";
import { createCsrf, createFormTokens, type Csrf } from "../policies/csrf/index.ts";
import { cookieForm, deriveKeys, readCookie } from "../primitives/index.ts";

export interface SessionWiring {
  readonly settings: Settings;
  readonly ephemeral: Ephemeral;
  readonly change: <Tables>(changedId: string, job: (transaction: Kysely<Tables>) => Promise<boolean>) => Promise<boolean>;
  readonly trail: AuditTrail;
  readonly personState: (userId: string) => MaybePromise<OwnerState>;
  readonly signIn: SignIn;
}

/** What the other rooms get of the sessions. */
export interface WiredSessions {
  readonly sessions: Sessions;
  readonly method: Method;
  readonly csrf: Csrf;
  readonly policy: Policy;
  readonly endpoints: readonly Endpoint[];
  /** For whoever else lets people in. */
  readonly enter: EnterSession;
  /** Whether a session stands, for what was made of it. */
  stands(id: string): MaybePromise<boolean>;
  /** For whoever changes a password or rights. */
  readonly renew: RenewSession;
  /** What the token of a form is bound to in a browser without a session. */
  formBinding(view: RequestView): string | undefined;
  flush(): Promise<void>;
  stop(): Promise<void>;
}

/** Puts sessions together: where they are kept, the method on the gate, the check of where a change came from, the endpoints. */
export function wireSessions({ settings, ephemeral, change, trail, personState, signIn }: SessionWiring): WiredSessions {
  const { store, clock, issuer, environment, onFault } = settings;
  const { times, mostPerUser, trustedOrigins } = settings.sessions;
  const shelf =
    settings.sessions.store === "sql" ? sqlShelf({ store, trail, change }) : ephemeralShelf({ ephemeral, clock, times, trail, change });
  const sightings = createSightings(shelf);
  const upkeep = createUpkeep({ shelf, sightings, clock, onFault });
  const parts = { shelf, clock, times, cookie: cookieForm(issuer, "latchkey"), environment, mostPerUser, personState };
  const sessions = createSessions({ ...parts, flush: sightings.flush });
  const enter = createEnterSession({ ...parts, sessions });
  const csrf = createCsrf({
    origins: [new URL(issuer).origin, ...trustedOrigins],
    ambientMethods: ["session"],
    // A browser that was once asked for a password sends it along by itself; a program says nothing of where it comes from.
    askedMethods: ["basic"],
    tokens: createFormTokens(deriveKeys(settings.secrets, "csrf")),
  });
  const formCookie = cookieForm(issuer, "latchkey-form");
  const formBinding = (view: RequestView): string | undefined => {
    const value = readCookie(view.header("cookie"), formCookie.name);
    return value === undefined || value === false || value === "" ? undefined : `form:${value}`;
  };
  return {
    sessions,
    enter,
    csrf,
    policy: csrf.policy,
    formBinding,
    stands: sessionStanding({ shelf, sightings, clock, personState }),
    method: sessionMethod({
      shelf,
      sightings,
      times,
      personState,
      cacheMs: sessionCacheMs(settings.cacheMs, times.idleMs),
      cookieName: parts.cookie.name,
    }),
    endpoints: sessionEndpoints({
      ...parts,
      sessions,
      signIn,
      enter,
      checkSource: csrf.check,
      formBinding,
      deviceCookie: cookieForm(issuer, "latchkey-device"),
      endLater: upkeep.endLater,
      onFault,
    }),
    async renew(principal, by) {
      const { subject, credentialId, method } = principal;
      if (method !== "session") {
        await sessions.revokeAll(subject, by);
        return {};
      }
      const renewed = await sessions.rotate(credentialId, { authenticatedAt: clock.now() }, by);
      await sessions.revokeOthers(subject, credentialId, by);
      const headers: Answer["headers"] = renewed === undefined ? {} : { "set-cookie": renewed.cookie };
      return headers;
    },
    flush: upkeep.flush,
    stop: upkeep.stop,
  };
}
