import {
  type ActiveOwner,
  type AuditTrail,
  type Decision,
  type Endpoint,
  isPromise,
  type MaybePromise,
  type Method,
  type OwnerState,
  type Refusal,
  type RequestView,
  type SignIn,
} from "../contracts/index.ts";
import {
  createAppTokens,
  createRevocations,
  createTokens,
  foreignIssuer,
  type IssuedToken,
  issueToken,
  jwtMethod,
  ownIssuer,
  refreshCookie,
  type Revocations,
  type SourceLimits,
  tokenEndpoints,
  type TokenOptions,
  type Tokens,
} from "../methods/jwt/index.ts";
import type { Settings } from "../options.ts";
import type { Changes } from "../policies/revocation/index.ts";
import { createSealer, deriveKeys } from "../primitives/index.ts";
import { createFamilies, endFamilies, type RefreshFamilies } from "../refresh-tokens/index.ts";
import { createSigningKeys, signingKeyEndpoints, type SigningKeys } from "../signing-keys/index.ts";
import { createStatusLists, statusListEndpoints, type StatusLists } from "../status-list/index.ts";
import type { ChangeMany } from "./change.ts";
import type { Confirmations } from "./confirmation.ts";

interface TokenWiring {
  readonly settings: Settings;
  readonly changes: Changes;
  readonly change: ChangeMany;
  readonly trail: AuditTrail;
  readonly confirmations: Confirmations;
  /** For whoever issues. */
  readonly ownerState: (subject: string) => MaybePromise<OwnerState>;
  /** For whoever judges what was issued. */
  readonly rememberedState: (subject: string) => MaybePromise<OwnerState>;
  readonly source: (credentialId: string) => MaybePromise<SourceLimits | undefined>;
  readonly signIn: SignIn;
  readonly checkSource: (view: RequestView) => MaybePromise<Refusal | undefined>;
  /** The gate itself, asked once requests arrive. */
  readonly authenticate: (view: RequestView) => MaybePromise<Decision>;
  /** Whether a grant of the authorization server stands; undefined: it knows none of this id. */
  readonly grantStands: (id: string) => MaybePromise<boolean | undefined>;
}

/** What the other rooms get of tokens, each as an argument. */
export interface TokenRooms {
  readonly tokens: Tokens;
  /** As `tokens.issue`, for whoever has asked for the state of the subject already. */
  readonly issueOwned: (options: TokenOptions, owner: ActiveOwner | undefined) => MaybePromise<IssuedToken>;
  readonly signingKeys: SigningKeys;
  readonly revocations: Revocations;
  readonly lists: StatusLists;
  readonly families: RefreshFamilies;
  readonly method: Method;
  readonly endpoints: readonly Endpoint[];
  /** Reads keys and revocations. Call it once the changes are being listened to, so that none is missed. */
  start(): Promise<void>;
  stop(): void;
}

/** Puts together what signs, issues, verifies and revokes tokens. */
export function wireTokens({
  settings,
  changes,
  change,
  trail,
  confirmations,
  ownerState,
  rememberedState,
  source,
  ...doors
}: TokenWiring): TokenRooms {
  const { store, clock, onFault, issuer, jwt, signing } = settings;
  const { dpop, proofs } = confirmations;
  // The most tolerance that anybody may allow: a token counts as long as somebody may believe it.
  const longestMs = jwt.longestMs + 60_000;
  const sealer = createSealer(deriveKeys(settings.secrets, "signing-key"));
  const signingKeys = createSigningKeys({ ...signing, store, clock, sealer, trail, longestMs, change, onFault });
  const lists = createStatusLists({
    store,
    clock,
    base: `${issuer}/status-lists`,
    signer: () => signingKeys.signer(),
    longestMs,
    ttlSeconds: jwt.statusListSeconds,
  });
  const revocations = createRevocations({ store, clock, bits: lists, trail, longestMs, change, onFault, endRefresh: endFamilies });
  const families = createFamilies({
    ...jwt.refresh,
    store,
    clock,
    environment: settings.environment,
    trail,
    change,
    cutoff: (familyId) => revocations.cutoff(familyId),
  });
  const own = ownIssuer({
    issuer,
    audiences: [jwt.audience],
    toleranceMs: jwt.toleranceMs,
    cacheMs: settings.cacheMs,
    keys: signingKeys,
    revocations,
    ownerState: rememberedState,
    source: withGrants(source, doors.grantStands, families),
    proofs,
    live: (at) => changes.live(at),
  });
  const foreign = jwt.issuers.map((options, index) =>
    foreignIssuer(options, index, { clock, toleranceMs: jwt.toleranceMs, cacheMs: settings.cacheMs, proofs, onFault }),
  );
  const issuing = {
    issuer,
    clock,
    revocations,
    lists,
    ownerState,
    signer: () => signingKeys.signer(),
    audiences: [jwt.audience, ...jwt.audiences, ...(settings.forwardAuth === undefined ? [] : [settings.forwardAuth.audience])],
    clientId: "first-party",
    defaultMs: jwt.defaultMs,
    longestMs: jwt.longestMs,
  };
  const tokens = createTokens({ ...issuing, own });
  const issueOwned: TokenRooms["issueOwned"] = (options, owner) => issueToken(options, issuing, owner);
  const app = createAppTokens({
    clock,
    clientId: "first-party",
    issue: issueOwned,
    families,
    ownerState,
    sessionStands: async (id) => (await source(id)) !== undefined,
  });
  changes.listen((changedId) => {
    revocations.changed(changedId);
    if (changedId !== undefined) signingKeys.changed(changedId);
  });
  return {
    tokens,
    issueOwned,
    signingKeys,
    revocations,
    lists,
    families,
    method: jwtMethod({
      issuers: [own, ...foreign],
      othersPrefixes: [`${settings.keyForms.prefix}_`, ...settings.keyForms.importedPrefixes],
      challenges: [dpop.challenge],
    }),
    endpoints: [
      ...signingKeyEndpoints(signingKeys),
      ...statusListEndpoints(lists),
      ...tokenEndpoints({ ...doors, tokens, app, cookie: refreshCookie(issuer) }),
    ],
    async start() {
      await Promise.all([signingKeys.start(), revocations.load()]);
    },
    stop: () => signingKeys.stop(),
  };
}

type Source = (credentialId: string) => MaybePromise<SourceLimits | undefined>;

/** What is left of the key or session behind a token; undefined: it has ended. */
export function tokenSource(key: Source, sessionStands: (id: string) => MaybePromise<boolean>): Source {
  return (id) => {
    if (!id.startsWith("ses_")) return key(id);
    const stands = sessionStands(id);
    return isPromise(stands) ? stands.then((does) => (does ? key(id) : undefined)) : stands ? key(id) : undefined;
  };
}

/** The same, where a grant may be one of the authorization server, or a family of refresh tokens. */
function withGrants(source: Source, grantStands: TokenWiring["grantStands"], families: RefreshFamilies): Source {
  const decide = (id: string, stands: boolean) => (stands ? source(id) : undefined);
  const family = (id: string): MaybePromise<SourceLimits | undefined> => {
    const stands = families.stands(id);
    return isPromise(stands) ? stands.then((does) => decide(id, does)) : decide(id, stands);
  };
  return (id) => {
    if (!id.startsWith("grt_")) return source(id);
    const stands = grantStands(id);
    const judge = (does: boolean | undefined) => (does === undefined ? family(id) : decide(id, does));
    return isPromise(stands) ? stands.then(judge) : judge(stands);
  };
}
