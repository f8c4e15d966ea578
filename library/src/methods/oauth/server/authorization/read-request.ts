import { isRefusal, type Refusal } from "../../../../contracts/index.ts";
import { type JsonObject, parseJsonObject } from "../../../../primitives/index.ts";
import { type ClientSource, isPublicClient, type KnownClient, matchesRedirectUri } from "../clients/index.ts";
import { wantedResources, wantedScopes } from "../wanted.ts";
import { malformed, type RequestParameters, writeParameters } from "../parameters.ts";
import { oauthRefusals } from "../refusals.ts";
import type { AuthorizationRequest, ReplyTo, ResponseMode } from "./request.ts";
import type { RequestSource } from "./source.ts";

interface ReadParts {
  readonly clients: ClientSource;
  readonly audiences: readonly string[];
  readonly sources: readonly RequestSource[];
}

/** A refusal that may be sent to the client, because it is known whose the address is. */
export interface RefusedReply {
  readonly replyTo: ReplyTo;
  readonly refusal: Refusal;
}

/**
 * Reads an authorization request (RFC 6749 s.4.1.1, OpenID Connect Core s.3.1.2.1) as a list of checks. A plain refusal is
 * for the person at the browser only: until client and address are proved, nothing goes anywhere.
 */
export async function readRequest(sent: RequestParameters, parts: ReadParts): Promise<AuthorizationRequest | RefusedReply | Refusal> {
  const client = await clientOf(sent, parts.clients);
  if (isRefusal(client)) return client;
  const parameters = await sourced(sent, client, parts.sources);
  if (isRefusal(parameters)) return parameters;
  const redirectUri = redirectUriOf(parameters, client);
  if (isRefusal(redirectUri)) return redirectUri;
  const mode = parameters.get("response_mode");
  const responseMode: ResponseMode = mode === "form_post" ? "form_post" : "query";
  const state = parameters.get("state");
  const replyTo: ReplyTo = { client, redirectUri, responseMode, state };
  const request = checked(parameters, replyTo, sent, parts);
  return isRefusal(request) ? { replyTo, refusal: request } : request;
}

async function clientOf(parameters: RequestParameters, clients: ClientSource): Promise<KnownClient | Refusal> {
  const clientId = parameters.get("client_id");
  if (clientId === undefined) return malformed("client_id is required.");
  return (await clients.find(clientId)) ?? malformed("client_id is of no client that is known here.");
}

/** The parameters themselves, or those that were pushed or signed. The first source that knows them decides. */
async function sourced(
  sent: RequestParameters,
  client: KnownClient,
  sources: readonly RequestSource[],
): Promise<RequestParameters | Refusal> {
  for (const source of sources) {
    const found = await source.read(sent, client);
    if (found !== undefined) return found;
  }
  if (sent.get("request") !== undefined) return oauthRefusals["request-not-supported"]();
  return sent.get("request_uri") === undefined ? sent : oauthRefusals["request-uri-not-supported"]();
}

/** Left out only where there is but one (RFC 6749 s.3.1.2.3), and never with OpenID Connect (Core s.3.1.2.1). */
function redirectUriOf(parameters: RequestParameters, client: KnownClient): string | Refusal {
  const presented = parameters.get("redirect_uri");
  const [only, ...others] = client.redirectUris;
  if (presented === undefined)
    return only !== undefined && others.length === 0 && !isOpenId(parameters) ? only : malformed("redirect_uri is required.");
  if (matchesRedirectUri(client.redirectUris, presented, isPublicClient(client))) return presented;
  return oauthRefusals["invalid-request"]({
    detail: `${client.id}: ${presented.slice(0, 300)} is not registered`,
    hint: "redirect_uri is none of those that are registered for this client.",
  });
}

function isOpenId(parameters: RequestParameters): boolean {
  return parameters.get("scope")?.split(" ").includes("openid") === true;
}

function checked(
  parameters: RequestParameters,
  replyTo: ReplyTo,
  sent: RequestParameters,
  { audiences }: ReadParts,
): AuthorizationRequest | Refusal {
  const { client } = replyTo;
  const scopes = wantedScopes(parameters, client);
  const resources = wantedResources(parameters, client, audiences);
  const codeChallenge = challengeOf(parameters, client);
  const prompt = promptOf(parameters);
  const maxAgeMs = maxAgeOf(parameters, client);
  const claims = claimsOf(parameters);
  const wrong = [
    responseProblem(parameters, client),
    lengthProblem(parameters),
    scopes,
    resources,
    codeChallenge,
    prompt,
    maxAgeMs,
    claims,
  ].find(isRefusal);
  if (wrong !== undefined) return wrong;
  return {
    ...replyTo,
    scopes: scopes as readonly string[],
    resources: resources as readonly string[],
    codeChallenge: codeChallenge as string | undefined,
    nonce: parameters.get("nonce"),
    prompt: prompt as ReadonlySet<string>,
    maxAgeMs: maxAgeMs as number | undefined,
    loginHint: parameters.get("login_hint"),
    idTokenHint: parameters.get("id_token_hint"),
    acrValues: parameters.get("acr_values")?.split(" ") ?? [],
    claims: claims as JsonObject | undefined,
    dpopKey: parameters.get("dpop_jkt"),
    sent,
    // Most requests come to no page.
    get query() {
      return writeParameters(sent.entries());
    },
  };
}

function responseProblem(parameters: RequestParameters, client: KnownClient): Refusal | undefined {
  const type = parameters.get("response_type");
  if (type === undefined) return malformed("response_type is required.");
  if (type !== "code") return oauthRefusals["unsupported-response-type"]();
  if (!client.grants.includes("authorization_code"))
    return oauthRefusals["unauthorized-client"]({ detail: `${client.id} has no authorization_code` });
  const mode = parameters.get("response_mode") ?? "query";
  return mode === "query" || mode === "form_post" ? undefined : malformed("response_mode must be query or form_post.");
}

const longest: Readonly<Record<string, number>> = {
  state: 4_000,
  nonce: 500,
  login_hint: 320,
  acr_values: 1_000,
  dpop_jkt: 43,
  id_token_hint: 8_000,
};

function lengthProblem(parameters: RequestParameters): Refusal | undefined {
  for (const [name, most] of Object.entries(longest))
    if ((parameters.get(name)?.length ?? 0) > most) return malformed(`${name} may have at most ${most} characters.`);
  return undefined;
}

/** PKCE by S256 of everybody (RFC 7636 s.4.2, OAuth 2.1 s.7.5.1); `plain` protects nobody. */
function challengeOf(parameters: RequestParameters, client: KnownClient): string | undefined | Refusal {
  const challenge = parameters.get("code_challenge");
  const method = parameters.get("code_challenge_method");
  if (challenge === undefined && method === undefined && !client.requirePkce) {
    const covered = parameters.get("nonce") !== undefined && isOpenId(parameters);
    return covered ? undefined : malformed("A nonce and the scope openid, or a code_challenge, is required.");
  }
  if (challenge === undefined) return malformed("code_challenge is required (PKCE, RFC 7636).");
  if (method !== "S256") return malformed("code_challenge_method must be S256.");
  return /^[A-Za-z0-9_-]{43}$/.test(challenge)
    ? challenge
    : malformed("code_challenge must be the 43 characters of a SHA-256 in base64url.");
}

const prompts = ["none", "login", "consent", "select_account"];

function promptOf(parameters: RequestParameters): ReadonlySet<string> | Refusal {
  const asked = new Set((parameters.get("prompt") ?? "").split(" ").filter((one) => one !== ""));
  for (const one of asked) if (!prompts.includes(one)) return malformed(`prompt may be ${prompts.join(", ")}.`);
  return asked.has("none") && asked.size > 1 ? malformed("prompt=none stands alone.") : asked;
}

/** What the request says, else what the client registered for all of its requests (OpenID Connect Registration s.2). */
function maxAgeOf(parameters: RequestParameters, { metadata }: KnownClient): number | undefined | Refusal {
  const text = parameters.get("max_age");
  const usual = metadata["default_max_age"];
  if (text === undefined) return typeof usual === "number" ? usual * 1_000 : undefined;
  return /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : malformed("max_age must be a whole number of seconds.");
}

function claimsOf(parameters: RequestParameters): JsonObject | undefined | Refusal {
  const text = parameters.get("claims");
  if (text === undefined) return undefined;
  const claims = text.length > 4_000 ? undefined : parseJsonObject(Buffer.from(text));
  return claims ?? malformed("claims must be a JSON object of at most 4000 characters.");
}
