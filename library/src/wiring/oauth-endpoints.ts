import type { Endpoint } from "../contracts/index.ts";
import { crossOrigin } from "../http/index.ts";
import {
  type AuthenticateClient,
  authorizeEndpoints,
  type Binding,
  type ClientAuthentication,
  type ClientSource,
  composeMetadata,
  consentEndpoints,
  createAgainMarks,
  type createCodes,
  type createIdTokens,
  type createOpaqueTokens,
  createIssueIntrospection,
  createLifetimeWords,
  createScopeWords,
  type Described,
  type Grant,
  type Grants,
  introspectEndpoint,
  metadataEndpoints,
  type RequestSource,
  revokeEndpoint,
  supportedClaims,
  tokenEndpoint,
  userinfoEndpoints,
} from "../methods/oauth/server/index.ts";
import { formPostPage } from "../pages/index.ts";
import { deriveKeys } from "../primitives/index.ts";
import { judgeEvery } from "./judge-every.ts";
import type { OAuthWiring } from "./oauth-wiring.ts";
import { personHere } from "./person-here.ts";

/** Everything that the endpoints stand on, put together before them. */
export interface OAuthEndpointParts extends OAuthWiring {
  readonly registry: ClientSource;
  readonly ways: readonly ClientAuthentication[];
  readonly grants: readonly Grant[];
  readonly bindings: readonly Binding[];
  readonly requestSources: readonly RequestSource[];
  readonly authenticate: AuthenticateClient;
  readonly opaque: ReturnType<typeof createOpaqueTokens>;
  readonly consents: Grants;
  readonly codes: ReturnType<typeof createCodes>;
  readonly idTokens: ReturnType<typeof createIdTokens>;
  readonly audiences: readonly string[];
  /** What else has something to say in the metadata. */
  readonly described: readonly Described[];
}

/** The endpoints of the authorization server. Scripts of any origin may call those that use nothing which a browser adds by itself. */
export function oauthEndpoints(parts: OAuthEndpointParts): readonly Endpoint[] {
  const { settings, tokens, registry, authenticate, grants, bindings, consents } = parts;
  const { store, clock, issuer, jwt, oauth } = settings;
  const { signer } = tokens.signingKeys;
  const wordsFor = createScopeWords(oauth.scopes);
  const judge = judgeEvery(parts, parts.opaque);
  const authorize = authorizeEndpoints({
    issuer,
    store,
    clients: registry,
    audiences: parts.audiences,
    sources: parts.requestSources,
    codes: parts.codes,
    grants: consents,
    idTokens: parts.idTokens,
    logouts: parts.logouts,
    marks: createAgainMarks(deriveKeys(settings.secrets, "oauth-again")),
    person: personHere(parts),
    wordsFor,
    lifetimeWords: createLifetimeWords({ accessMs: jwt.defaultMs, ...jwt.refresh }),
    acrValues: oauth.acrValues,
    remembersUnproven: issuer.startsWith("http:"),
    formPost: formPostPage,
  });
  const checkKey = parts.guardBy({ methods: ["api-key", "jwt", "opaque-token"], scopes: ["tokens:introspect"] });
  const userinfo = userinfoEndpoints({
    issuer,
    person: parts.person,
    clients: registry,
    signer,
    check: parts.guardBy({ methods: ["jwt", "opaque-token"], scopes: ["openid"] }),
  });
  return [
    ...authorize,
    ...consentEndpoints({ grants: consents, clients: registry, wordsFor }),
    introspectEndpoint({
      authenticate,
      judge,
      audience: jwt.audience,
      checkKey,
      issue: createIssueIntrospection({ issuer, clock, signer }),
    }),
    ...crossOrigin([
      tokenEndpoint({ authenticate, grants, bindings }),
      revokeEndpoint({ authenticate, kinds: [parts.opaque.revoke, tokens.families.revoke, tokens.tokens.revokeOf] }),
      ...userinfo,
      ...metadataEndpoints(metadataOf(parts)),
    ]),
  ];
}

/** What works (RFC 8414 s.2, OpenID Connect Discovery s.3), with what each part says of itself. */
function metadataOf({ settings, ways, grants, bindings, requestSources, described }: OAuthEndpointParts) {
  const { issuer, oauth } = settings;
  const names = ways.map(({ name }) => name);
  const base = {
    issuer,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    userinfo_endpoint: `${issuer}/oauth/userinfo`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    introspection_endpoint: `${issuer}/oauth/introspect`,
    introspection_endpoint_auth_methods_supported: names.filter((name) => name !== "none"),
    revocation_endpoint: `${issuer}/oauth/revoke`,
    revocation_endpoint_auth_methods_supported: names,
    token_endpoint_auth_methods_supported: names,
    grant_types_supported: grants.map(({ type }) => type),
    scopes_supported: [...new Set(["openid", "profile", "email", "offline_access", ...Object.keys(oauth.scopes)])],
    subject_types_supported: ["public", "pairwise"],
    id_token_signing_alg_values_supported: ["ES256", "RS256"],
    userinfo_signing_alg_values_supported: ["ES256", "RS256"],
    introspection_signing_alg_values_supported: ["ES256", "RS256"],
    claim_types_supported: ["normal"],
    ...(oauth.acrValues.length === 0 ? {} : { acr_values_supported: oauth.acrValues }),
    claims_supported: [...supportedClaims, "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash"],
    prompt_values_supported: ["none", "login", "consent", "select_account"],
    claims_parameter_supported: true,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
    authorization_response_iss_parameter_supported: true,
  };
  return composeMetadata(base, [...ways, ...grants, ...bindings, ...requestSources, ...described]);
}
