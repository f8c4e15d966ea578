import * as oauth from "oauth4webapi";
import { type ProvenIdentity, type ProviderTokens, systemClock } from "../../../../contracts/index.ts";
import type { JsonObject } from "../../../../primitives/index.ts";
import { type FlowSecrets, type Provider, ProviderProblem } from "../provider.ts";
import { createBoundedFetch } from "./bounded-fetch.ts";
import { identityOf } from "./identity-of.ts";
import { createMetadata } from "./metadata.ts";
import { problemOf } from "./problem.ts";
import type { ProviderRow } from "./row.ts";

export interface ProviderClient {
  readonly clientId: string;
  /** Proves who we are to the token endpoint; made anew for each request where it is signed. */
  readonly authentication: (at: number) => oauth.ClientAuth;
  readonly timeoutMs: number;
  /** http on loopback, for development. */
  readonly insecure: boolean;
  /** Whether the operator believes the addresses of a provider that does not say itself that they are proved. */
  readonly trustEmail: boolean;
}

/** A provider from its row: the flow of OpenID Connect Core s.3.1 and RFC 6749 s.4.1, by a certified library. */
export function buildProvider(row: ProviderRow, settings: ProviderClient): Provider {
  const ask = createBoundedFetch(settings.timeoutMs);
  const http = { [oauth.customFetch]: ask, [oauth.allowInsecureRequests]: settings.insecure };
  const metadata = createMetadata(row, http);
  const jwksCache: oauth.JWKSCacheInput = {};
  const clientAt = (at: number): oauth.Client => ({
    client_id: settings.clientId,
    // The library reads the machine's clock; time here is the house's.
    [oauth.clockSkew]: Math.round((at - systemClock.now()) / 1_000),
    [oauth.clockTolerance]: 5,
  });

  async function authorizationUrl({ state, nonce, verifier, redirectUri, at }: FlowSecrets): Promise<string> {
    const { authorization_endpoint: endpoint } = await metadata(at);
    const url = new URL(endpoint!);
    const parameters: Record<string, string> = {
      ...row.parameters,
      client_id: settings.clientId,
      response_type: "code",
      redirect_uri: redirectUri,
      scope: row.scopes.join(" "),
      state,
      ...(row.nonce ? { nonce } : {}),
      ...(row.formPost === true ? { response_mode: "form_post" } : {}),
      ...(row.pkce ? { code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256" } : {}),
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return url.href;
  }

  async function redeem(parameters: URLSearchParams, flow: FlowSecrets): Promise<ProvenIdentity> {
    const server = await metadata(flow.at);
    const client = clientAt(flow.at);
    // `iss` first (RFC 9207 s.2.4): no code of another provider reaches this token endpoint.
    const answer = oauth.validateAuthResponse(server, client, parameters, flow.state);
    if (answer.get("code") === null) throw new ProviderProblem("invalid", "the answer has no code");
    const verifier = row.pkce ? flow.verifier : oauth.nopkce;
    const authentication = settings.authentication(flow.at);
    const response = await oauth.authorizationCodeGrantRequest(server, client, authentication, answer, flow.redirectUri, verifier, http);
    const issuing = row.issuerOf === undefined ? server : { ...server, issuer: row.issuerOf(await peek(response), server.issuer) };
    const tokens = await oauth.processAuthorizationCodeResponse(issuing, client, response, {
      expectedNonce: row.nonce ? flow.nonce : oauth.expectNoNonce,
      requireIdToken: row.discovery,
    });
    const kept = tokensOf(tokens, flow.at);
    // Together with the profile: neither needs the other.
    const addresses = emails(tokens.access_token);
    addresses.catch(() => undefined);
    const claims = row.discovery ? await idTokenClaims(issuing, response, tokens) : await userInfo(server, tokens.access_token);
    const profile = await row.profile(await withEmail(claims, server, client, tokens.access_token), { emails: () => addresses });
    const issuer = row.discovery ? String(claims.iss) : row.issuer;
    return identityOf({ provider: row.id, issuer, profile, trustEmail: settings.trustEmail, tokens: kept });
  }

  /** Checked in full although it came over TLS from the provider itself: an unsigned one is nobody's word. */
  async function idTokenClaims(
    server: oauth.AuthorizationServer,
    response: Response,
    tokens: oauth.TokenEndpointResponse,
  ): Promise<JsonObject> {
    await oauth.validateApplicationLevelSignature(server, response, { ...http, [oauth.jwksCache]: jwksCache });
    return oauth.getValidatedIdTokenClaims(tokens)!;
  }

  /** Some leave the address out of the ID token: then it is asked for, of the same person (OpenID Connect Core s.5.3.2). */
  async function withEmail(
    claims: JsonObject,
    server: oauth.AuthorizationServer,
    client: oauth.Client,
    token: string,
  ): Promise<JsonObject> {
    if (!row.discovery || claims.email !== undefined || server.userinfo_endpoint === undefined) return claims;
    const response = await oauth.userInfoRequest(server, client, token, http);
    const more = (await oauth.processUserInfoResponse(server, client, String(claims.sub), response)) as unknown as JsonObject;
    return { ...more, ...claims };
  }

  async function userInfo(server: oauth.AuthorizationServer, token: string): Promise<JsonObject> {
    const answer = await get(server.userinfo_endpoint!, token);
    if (typeof answer === "object" && answer !== null && !Array.isArray(answer)) return answer as JsonObject;
    throw new ProviderProblem("invalid", "the profile is no object");
  }

  const emails = (token: string) => (row.endpoints?.emails === undefined ? Promise.resolve([]) : get(row.endpoints.emails, token));

  async function get(url: string, token: string): Promise<unknown> {
    const response = await oauth.protectedResourceRequest(
      token,
      "GET",
      new URL(url),
      new Headers({ accept: "application/json" }),
      null,
      http,
    );
    if (response.status !== 200) throw new ProviderProblem("refused", `the provider answered ${response.status} to its own token`);
    return response.json();
  }

  async function refresh(kept: ProviderTokens, at: number): Promise<ProviderTokens> {
    const server = await metadata(at);
    const client = clientAt(at);
    const response = await oauth.refreshTokenGrantRequest(server, client, settings.authentication(at), kept.refreshToken ?? "", http);
    const tokens = tokensOf(await oauth.processRefreshTokenResponse(server, client, response), at);
    return { ...tokens, refreshToken: tokens.refreshToken ?? kept.refreshToken };
  }

  function tokensOf(answer: oauth.TokenEndpointResponse, at: number): ProviderTokens {
    const { access_token: accessToken, refresh_token: refreshToken, expires_in: seconds, scope } = answer;
    if (accessToken.length > 16_384) throw new ProviderProblem("invalid", "the access token is too long");
    const expiresAt = seconds === undefined ? undefined : at + Math.min(seconds, 366 * 86_400) * 1_000;
    return { accessToken, refreshToken, expiresAt, scopes: scope?.split(/[ ,]+/).filter((one) => one !== "") ?? row.scopes };
  }

  return {
    id: row.id,
    name: row.name,
    formPost: row.formPost === true,
    authorizationUrl: told(authorizationUrl),
    redeem: told(redeem),
    refresh: told(refresh),
    close: ask.close,
  };
}

/** The claims of an ID token before anybody believes them: only to know which issuer it must be of. */
async function peek(response: Response): Promise<JsonObject> {
  try {
    const { id_token: token } = (await response.clone().json()) as { readonly id_token?: unknown };
    const payload = Buffer.from(String(token).split(".")[1] ?? "", "base64url").toString("utf8");
    return JSON.parse(payload) as JsonObject;
  } catch {
    return {};
  }
}

/** The same function, whose every failure is a ProviderProblem. */
function told<Arguments extends unknown[], Result>(
  act: (...given: Arguments) => Promise<Result>,
): (...given: Arguments) => Promise<Result> {
  return async (...given) => {
    try {
      return await act(...given);
    } catch (error) {
      throw problemOf(error);
    }
  };
}
