import { type Decision, type Endpoint, type MaybePromise, type Method, type RequestView, type RuleOptions } from "../contracts/index.ts";
import { crossOrigin } from "../http/index.ts";
import type { OwnerState } from "../methods/jwt/index.ts";
import {
  type Binding,
  type ClientAuthentication,
  clientCredentials,
  type Clients,
  clientSecretBasic,
  clientSecretPost,
  type ClientSource,
  composeMetadata,
  createAuthenticateClient,
  createClientOf,
  createClientRegistry,
  createClients,
  createIssueAccessToken,
  createOpaqueTokens,
  type Described,
  dpopBinding,
  type Grant,
  introspectEndpoint,
  metadataEndpoints,
  noAuthentication,
  opaqueTokenMethod,
  privateKeyJwt,
  revokeEndpoint,
  tokenEndpoint,
} from "../methods/oauth/server/index.ts";
import { createClientKeys } from "./client-keys.ts";
import type { House } from "./house.ts";
import { judgeAny, judgeBearer } from "./judge-token.ts";
import type { TokenRooms } from "./tokens.ts";

interface OAuthWiring extends House {
  readonly tokens: TokenRooms;
  readonly ownerState: (subject: string) => MaybePromise<OwnerState>;
  /** API keys on the gate, for introspection. */
  readonly keyMethod: Method;
  /** The gate itself, asked once requests arrive, with one rule. */
  readonly guardBy: (rule: RuleOptions) => (view: RequestView) => MaybePromise<Decision>;
  /** Whether a session stands. */
  readonly sessionStands: (id: string) => MaybePromise<boolean>;
}

/** What the other rooms get of the authorization server. */
export interface OAuthRooms {
  readonly clients: Clients;
  /** A client in its own name, by its secret: for HTTP Basic at the gate. */
  readonly clientOf: ReturnType<typeof createClientOf>;
  readonly method: Method;
  readonly endpoints: readonly Endpoint[];
}

/** Puts the authorization server together: clients, their ways to prove themselves, grants, endpoints, and what the metadata says of them. */
export function wireOAuth(given: OAuthWiring): OAuthRooms {
  const { settings, ephemeral, changes, change, trail, tokens } = given;
  const { store, clock, issuer, environment, jwt, onFault } = settings;
  const { dpop, proofs } = given.confirmations;
  const audiences = [jwt.audience, ...jwt.audiences];
  const sources: readonly ClientSource[] = [];
  const registry = createClientRegistry({ store, isCurrent: () => heard(given), sources });
  changes.listen(registry.changed);

  const ways: readonly ClientAuthentication[] = [
    clientSecretBasic(),
    clientSecretPost(),
    privateKeyJwt({ issuer, tokenEndpoint: `${issuer}/oauth/token`, ephemeral, findKey: createClientKeys({ clock, onFault }) }),
    noAuthentication(),
  ];
  const opaque = createOpaqueTokens({
    store,
    clock,
    issuer,
    environment,
    audience: jwt.audience,
    lifeMs: jwt.defaultMs,
    cacheMs: settings.cacheMs,
    trail,
    change,
    revocations: tokens.revocations,
    ownerState: given.ownerState,
    stands: (id) => (id.startsWith("ses_") ? given.sessionStands(id) : tokens.families.stands(id)),
    live: (at) => changes.live(at),
  });
  const issue = createIssueAccessToken({ clock, issueJwt: tokens.tokens.issue, issueOpaque: opaque.issue });
  const grants: readonly Grant[] = [clientCredentials({ store, audiences, issue })];
  const bindings: readonly Binding[] = [dpopBinding({ dpop, tokenEndpoint: `${issuer}/oauth/token` })];

  const clients = createClients({
    store,
    clock,
    environment,
    choices: {
      grants: grants.map(({ type }) => type),
      authentications: ways.map(({ name }) => name),
      audiences,
      tokenFormat: "jwt",
    },
    trail,
    change,
    cutoff: (id) => tokens.revocations.cutoff(id),
  });
  const authenticate = createAuthenticateClient({ clients: registry, ways, trail });
  const judge = judgeAny([
    (token, at) => (token.startsWith("lka_") ? opaque.verify(token, at, undefined) : undefined),
    judgeBearer(given.keyMethod),
    (token) => tokens.tokens.verify(token),
  ]);
  const checkKey = given.guardBy({ methods: ["api-key", "jwt", "opaque-token"], scopes: ["tokens:introspect"] });
  const introspection = introspectEndpoint({ authenticate, judge, audience: jwt.audience, checkKey });
  const revocation = revokeEndpoint({ authenticate, kinds: [opaque.revoke, tokens.families.revoke, tokens.tokens.revokeOf] });
  const described: readonly Described[] = [...ways, ...grants, ...bindings];
  const metadata = composeMetadata(
    {
      issuer,
      token_endpoint: `${issuer}/oauth/token`,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      grant_types_supported: grants.map(({ type }) => type),
      token_endpoint_auth_methods_supported: ways.map(({ name }) => name),
      introspection_endpoint: `${issuer}/oauth/introspect`,
      introspection_endpoint_auth_methods_supported: ways.map(({ name }) => name).filter((name) => name !== "none"),
      revocation_endpoint: `${issuer}/oauth/revoke`,
      revocation_endpoint_auth_methods_supported: ways.map(({ name }) => name),
    },
    described,
  );
  return {
    clients,
    clientOf: createClientOf(registry),
    method: opaqueTokenMethod({ tokens: opaque, audience: jwt.audience, proofs, challenges: [dpop.challenge] }),
    endpoints: [
      introspection,
      ...crossOrigin([tokenEndpoint({ authenticate, grants, bindings }), revocation, ...metadataEndpoints(metadata)]),
    ],
  };
}

/** Takes in what was committed elsewhere; false when that was not possible for too long. */
function heard({ changes, settings }: OAuthWiring): boolean {
  const at = settings.clock.now();
  changes.look(at);
  return changes.live(at);
}
