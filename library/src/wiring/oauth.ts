import { certificatesAmong, type ClientKeys, type Endpoint, type MaybePromise, type Method } from "../contracts/index.ts";
import { crossOrigin } from "../http/index.ts";
import { betweenName } from "../methods/jwt/index.ts";
import {
  authorizationCode,
  type Binding,
  certificateBinding,
  type ClientChoices,
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
  createSubjects,
  createTokenFormatOf,
  type Described,
  dpopBinding,
  type Grant,
  logoutDescribed,
  logoutEndpoints,
  opaqueTokenMethod,
  refreshToken,
  type RequestSource,
  tokenExchange,
} from "../methods/oauth/server/index.ts";
import { createSealer, deriveKeys } from "../primitives/index.ts";
import { createClientCertificates, createClientKeys } from "./client-keys.ts";
import { wireDevices } from "./devices.ts";
import { judgeEvery } from "./judge-every.ts";
import { type Logouts, wireLogouts } from "./logouts.ts";
import { clientWays } from "./oauth-clients.ts";
import { oauthEndpoints } from "./oauth-endpoints.ts";
import type { OAuthWiring } from "./oauth-wiring.ts";
import { draftRefresh, wireOpaqueTokens } from "./oauth-tokens.ts";
import { personHere } from "./person-here.ts";
import { documentSources, wireRegistration } from "./registration.ts";
import { wireRequestSources } from "./request-sources.ts";
import { signingClients } from "./signing-clients.ts";

/** What the other rooms get of the authorization server. */
export interface OAuthRooms {
  readonly clients: Clients;
  /** A client in its own name, by its secret: for HTTP Basic at the gate. */
  readonly clientOf: ReturnType<typeof createClientOf>;
  /** Keys by which clients sign requests in their own name. */
  readonly clientKeys: ClientKeys;
  readonly method: Method;
  readonly endpoints: readonly Endpoint[];
  /** What tells apps of logouts. */
  readonly logouts: Logouts;
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

  const clientSources: (ClientSource & Described)[] = [];
  const requests = wireRequestSources(given);
  const requestSources: readonly RequestSource[] = requests.sources;
  const certificates = certificatesAmong(settings.methods);
  const bindings: readonly Binding[] = [
    dpopBinding({ dpop, tokenEndpoint: `${issuer}/oauth/token` }),
    ...(certificates === undefined ? [] : [certificateBinding(certificates.certificateOf)]),
  ];
  const fetched = { clock, onFault: settings.onFault, allowPrivate: issuer.startsWith("http:") };
  const findKey = createClientKeys(fetched);
  const ways = clientWays(given, findKey, createClientCertificates(fetched));

  const registry = createClientRegistry({
    store,
    isCurrent: () => heard(given),
    sources: clientSources,
    registrationScopes: settings.registration.scopes,
  });
  changes.listen(registry.changed);
  const consents = createGrants({
    audience: jwt.audience,
    store,
    clock,
    trail,
    change,
    cutoff,
    between: betweenName,
    endFamily: (transaction, id) => families.endIn(transaction, { id }),
    endFamilies: (transaction, subject, clientId) => families.endIn(transaction, { subject, clientId }),
  });
  const subjects = createSubjects({ store, sealer: createSealer(deriveKeys(settings.secrets, "pairwise-key")) });
  const opaque = wireOpaqueTokens(given, consents, subjects);
  const formatOf = createTokenFormatOf({ audience: jwt.audience, opaqueFor: settings.oauth.opaqueFor });
  const issueForms = { issueJwt: tokens.issueOwned, issueOpaque: opaque.issue, formatOf };
  const issue = createIssueAccessToken({ clock, lifeMs: jwt.defaultMs, ...issueForms });
  const codes = createCodes({ store, clock, environment, longestMs: jwt.longestMs });
  const idTokens = createIdTokens({ ...signingKeys, issuer, clock, lifeMs: jwt.defaultMs, subjects });
  const people = { ...given, issue, idTokens, draftRefresh: draftRefresh(families) };
  const devices = wireDevices(given, people, consents);
  const grants: readonly Grant[] = [
    authorizationCode({ ...people, store, codes, grants: consents, longestMs: jwt.longestMs }),
    refreshToken({ ...people, store, families }),
    clientCredentials({ store, audiences, issue }),
    devices.grant,
    tokenExchange({
      issuer,
      store,
      trail,
      audiences,
      audience: jwt.audience,
      issue,
      formatOf,
      judge: judgeEvery(given, opaque),
      mark: opaque.exchange,
    }),
  ];
  const choices: ClientChoices = {
    grants: grants.map(({ type }) => type),
    authentications: ways.map(({ name }) => name),
    audiences,
    tokenFormat: settings.oauth.accessTokens,
  };
  clientSources.push(...documentSources(settings, given.ephemeral, choices));
  const clients = createClients({ store, clock, environment, choices, trail, change, cutoff });
  const proven = createAuthenticateClient({ clients: registry, ways, trail, guesses: given.limits.guesses });
  const registration = wireRegistration({ ...given, clients, choices, authenticate: proven });
  const { authenticate } = registration;
  const known = { authenticate, clients: registry };
  const described = [...clientSources, registration.described, requests.described, devices.described, logoutDescribed(issuer)];
  const rooms = { registry, ways, grants, bindings, requestSources, authenticate, opaque, consents, codes, idTokens };
  return {
    clients,
    clientOf: createClientOf(registry),
    clientKeys: signingClients(registry, findKey),
    method: opaqueTokenMethod({ tokens: opaque, audience: jwt.audience, proofs, challenges: [dpop.challenge] }),
    endpoints: [
      ...oauthEndpoints({ ...given, ...rooms, audiences, described }),
      ...crossOrigin([...registration.endpoints, requests.endpoint(known)]),
      ...devices.endpoints(known),
      ...logoutEndpoints({ issuer, clients: registry, idTokens, subjects, person: personHere(given), endSession: given.endSession }),
    ],
    logouts: wireLogouts(given, registry, subjects),
    grantStands: consents.stands,
  };
}

/** Takes in what was committed elsewhere; false when that was not possible for too long. */
function heard({ changes, settings }: OAuthWiring): boolean {
  const at = settings.clock.now();
  changes.look(at);
  return changes.live(at);
}
