import type { Endpoint, MaybePromise, Method } from "../contracts/index.ts";
import { betweenName } from "../methods/jwt/index.ts";
import {
  authorizationCode,
  type Binding,
  clientCredentials,
  type Clients,
  type ClientSource,
  createAuthenticateClient,
  createClientOf,
  createClientRegistry,
  createClients,
  createCodes,
  createGrants,
  createIdTokens,
  createIssueAccessToken,
  dpopBinding,
  type Grant,
  opaqueTokenMethod,
  refreshToken,
  type RequestSource,
} from "../methods/oauth/server/index.ts";
import { clientWays } from "./oauth-clients.ts";
import { oauthEndpoints } from "./oauth-endpoints.ts";
import type { OAuthWiring } from "./oauth-wiring.ts";
import { draftRefresh, wireOpaqueTokens } from "./oauth-tokens.ts";

/** What the other rooms get of the authorization server. */
export interface OAuthRooms {
  readonly clients: Clients;
  /** A client in its own name, by its secret: for HTTP Basic at the gate. */
  readonly clientOf: ReturnType<typeof createClientOf>;
  readonly method: Method;
  readonly endpoints: readonly Endpoint[];
  /** Whether a grant stands; undefined: there is none of this id. */
  readonly grantStands: (id: string) => MaybePromise<boolean | undefined>;
}

/**
 * Puts the authorization server together. Each list here is what there is: clients come from these sources, prove themselves
 * in these ways, use these grants; requests come by these, tokens are bound by these. The metadata says what they say.
 */
export function wireOAuth(given: OAuthWiring): OAuthRooms {
  const { settings, changes, change, trail, tokens } = given;
  const { store, clock, issuer, environment, jwt } = settings;
  const { families, revocations, signingKeys } = tokens;
  const { dpop, proofs } = given.confirmations;
  const audiences = [jwt.audience, ...jwt.audiences];
  const cutoff = (name: string) => revocations.cutoff(name);

  const clientSources: readonly ClientSource[] = [];
  const requestSources: readonly RequestSource[] = [];
  const bindings: readonly Binding[] = [dpopBinding({ dpop, tokenEndpoint: `${issuer}/oauth/token` })];
  const ways = clientWays(given);

  const registry = createClientRegistry({ store, isCurrent: () => heard(given), sources: clientSources });
  changes.listen(registry.changed);
  const consents = createGrants({
    store,
    clock,
    trail,
    change,
    cutoff,
    between: betweenName,
    endFamily: (transaction, id) => families.endIn(transaction, { id }),
    endFamilies: (transaction, subject, clientId) => families.endIn(transaction, { subject, clientId }),
  });
  const opaque = wireOpaqueTokens(given, consents);
  const issue = createIssueAccessToken({ clock, issueJwt: tokens.tokens.issue, issueOpaque: opaque.issue });
  const codes = createCodes({ store, clock, environment, longestMs: jwt.longestMs });
  const idTokens = createIdTokens({ issuer, clock, lifeMs: jwt.defaultMs, signer: signingKeys.signer, find: signingKeys.find });
  const people = { ...given, issue, idTokens, draftRefresh: draftRefresh(families) };
  const grants: readonly Grant[] = [
    authorizationCode({ ...people, store, codes, grants: consents, longestMs: jwt.longestMs }),
    refreshToken({ ...people, store, families }),
    clientCredentials({ store, audiences, issue }),
  ];
  const clients = createClients({
    store,
    clock,
    environment,
    choices: {
      grants: grants.map(({ type }) => type),
      authentications: ways.map(({ name }) => name),
      audiences,
      tokenFormat: settings.oauth.accessTokens,
    },
    trail,
    change,
    cutoff,
  });
  const authenticate = createAuthenticateClient({ clients: registry, ways, trail });
  const parts = { ...given, registry, ways, grants, bindings, requestSources, authenticate, opaque, consents, codes, idTokens, audiences };
  return {
    clients,
    clientOf: createClientOf(registry),
    method: opaqueTokenMethod({ tokens: opaque, audience: jwt.audience, proofs, challenges: [dpop.challenge] }),
    endpoints: oauthEndpoints(parts),
    grantStands: consents.stands,
  };
}

/** Takes in what was committed elsewhere; false when that was not possible for too long. */
function heard({ changes, settings }: OAuthWiring): boolean {
  const at = settings.clock.now();
  changes.look(at);
  return changes.live(at);
}
