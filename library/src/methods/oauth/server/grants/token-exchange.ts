import {
  type AuditTrail,
  isRefusal,
  type MaybePromise,
  type Principal,
  type Refusal,
  type Store,
  type Verified,
} from "../../../../contracts/index.ts";
import { isScopeToken, type JsonObject } from "../../../../primitives/index.ts";
import { type Client, isPublicClient } from "../clients/index.ts";
import { malformed, readScopes, required } from "../parameters.ts";
import { oauthRefusals } from "../refusals.ts";
import type { IssueAccessToken, OpaqueTokens, TokenFormatOf } from "../tokens/index.ts";
import { personalScopes, wantedResources } from "../wanted.ts";
import type { Grant, TokenRequest, TokenResponse } from "./grant.ts";
import { tokenResponse } from "./response.ts";

export interface TokenExchangeParts {
  readonly issuer: string;
  readonly store: Store;
  readonly trail: AuditTrail;
  readonly audiences: readonly string[];
  /** What a credential that names no audience is for: this API. */
  readonly audience: string;
  readonly issue: IssueAccessToken;
  readonly formatOf: TokenFormatOf;
  /** Judges any credential of ours, outside a request of its holder. Undefined: of no form that is known. */
  readonly judge: (token: string, at: number) => MaybePromise<Verified | Refusal | undefined>;
  /** Notes of an opaque token that another is made from it. False: it ended meanwhile. */
  readonly mark: OpaqueTokens["exchange"];
}

const accessTokenType = "urn:ietf:params:oauth:token-type:access_token";
const jwtType = "urn:ietf:params:oauth:token-type:jwt";
/** RFC 8693 s.3 has no name for an API key. */
const apiKeyType = "urn:latchkey:token-type:api-key";

/** Which methods of the gate a token type may be of. */
const methodsOf: Readonly<Record<string, readonly string[]>> = {
  [accessTokenType]: ["jwt", "opaque-token"],
  [jwtType]: ["jwt"],
  [apiKeyType]: ["api-key"],
};

/**
 * Token exchange (RFC 8693): a client that was sent a credential gets a token of its own that acts for the same subject, with
 * no more scopes, for no longer, and with the name of who acts in it (`act`). It ends with the credential that was sent, and
 * with everything that this one was made from.
 */
export function tokenExchange(parts: TokenExchangeParts): Grant {
  return { type: "urn:ietf:params:oauth:grant-type:token-exchange", answer: (request) => exchange(request, parts) };
}

async function exchange(request: TokenRequest, parts: TokenExchangeParts): Promise<TokenResponse | Refusal> {
  const { client, parameters, bound, by } = request;
  if (isPublicClient(client)) return oauthRefusals["unauthorized-client"]({ detail: `${client.id} is public` });
  const wantedType = parameters.get("requested_token_type") ?? accessTokenType;
  if (wantedType !== accessTokenType && wantedType !== jwtType) return malformed(`requested_token_type: ${accessTokenType} or ${jwtType}.`);
  const subject = await presented("subject_token", request, parts);
  if (isRefusal(subject)) return subject;
  const actor = parameters.get("actor_token") === undefined ? undefined : await presented("actor_token", request, parts);
  if (isRefusal(actor)) return actor;
  if (actor === undefined && parameters.get("actor_token_type") !== undefined) return malformed("actor_token_type without actor_token.");
  const scopes = narrowedScopes(request, subject);
  if (isRefusal(scopes)) return scopes;
  const resources = wantedResources(withAudiences(request), client, parts.audiences);
  if (isRefusal(resources)) return resources;
  if (wantedType === jwtType && parts.formatOf(client, resources) !== "jwt")
    return malformed("Tokens of this client, or for this resource, are opaque.");
  const { principal } = subject;
  const acting = actor?.principal ?? { subject: client.id };
  const wrong = notAllowed(principal, acting, request, parts) ?? exchangedTooOften(subject);
  if (wrong !== undefined) return wrong;
  const issued = await parts.issue({
    client,
    subject: principal.subject,
    kind: principal.kind,
    scopes,
    resources,
    roles: client.firstParty ? principal.roles : [],
    sessionId: subject.sessionId,
    grantId: subject.grantId ?? principal.credentialId,
    authenticatedAt: principal.authenticatedAt,
    acr: principal.assurance.acr,
    amr: principal.assurance.amr,
    confirmation: bound?.confirmation,
    actor: actorOf(acting, principal.claims["act"]),
    mayAct: principal.claims["may_act"] as JsonObject | undefined,
    sources: sourcesOf(subject),
    noLaterThan: principal.expiresAt,
  });
  const token = parameters.get("subject_token")!;
  const stands = await parts.store.write(async (transaction) => {
    if (principal.method === "opaque-token" && !(await parts.mark(transaction, token))) return false;
    await issued.write?.(transaction);
    const detail = `from ${principal.method} ${principal.credentialId}`;
    const told = { action: "token.exchanged", outcome: "done", subject: principal.subject, credentialId: issued.id, detail } as const;
    await parts.trail.record(transaction, { ...told, ...by });
    return true;
  });
  if (!stands)
    return oauthRefusals["invalid-request"]({ detail: `${principal.credentialId} ended meanwhile`, hint: "subject_token is not valid." });
  return { ...tokenResponse(issued, scopes, request), issued_token_type: wantedType };
}

/** A credential that counts now, of the type that it is said to be, and that this client may have been sent. */
async function presented(
  name: "subject_token" | "actor_token",
  request: TokenRequest,
  parts: TokenExchangeParts,
): Promise<Verified | Refusal> {
  const { client, parameters, at } = request;
  const [token, type] = [required(parameters, name, 16_384), required(parameters, `${name}_type`)];
  if (isRefusal(token)) return token;
  if (isRefusal(type)) return type;
  const methods = Object.hasOwn(methodsOf, type) ? methodsOf[type]! : undefined;
  if (methods === undefined) return malformed(`${name}_type: ${Object.keys(methodsOf).join(", ")}.`);
  const bad = (detail: string) => oauthRefusals["invalid-request"]({ detail: `${name}: ${detail}`, hint: `${name} is not valid.` });
  const verdict = await parts.judge(token, at);
  if (verdict === undefined) return bad("of no form that is known");
  if (isRefusal(verdict)) return bad(`${verdict.code} ${verdict.detail ?? ""}`);
  const { principal, allowedAddresses } = verdict;
  if (!methods.includes(principal.method)) return bad(`said to be ${type}, is ${principal.method}`);
  // Less than a second is no time for a token.
  if (principal.expiresAt !== undefined && principal.expiresAt < at + 1_000) return bad("about to expire");
  if (allowedAddresses?.matches(request.by.origin?.address ?? "") === false) return bad("not for this address");
  if (!isFor(client, principal, parts)) return bad(`${principal.credentialId} was not meant for ${client.id}`);
  return unproven(principal, request) ?? verdict;
}

/** Issued to this client, or for an audience that it serves: otherwise it was taken on its way to somebody else. */
function isFor(client: Client, { claims }: Principal, { audience, audiences }: TokenExchangeParts): boolean {
  if (claims["client_id"] === client.id) return true;
  const served = (client.metadata["introspects"] as readonly string[] | undefined) ?? client.resources ?? audiences;
  const named = claims["aud"] ?? audience;
  return (Array.isArray(named) ? named : [named]).some((one) => served.includes(one as string));
}

/** A token that is bound to a key comes from its holder only with a proof of that key. */
function unproven({ confirmation, credentialId }: Principal, { bound }: TokenRequest): Refusal | undefined {
  if (confirmation === undefined) return undefined;
  const proven = Object.entries(confirmation).every(([member, value]) => bound?.confirmation[member] === value);
  if (proven) return undefined;
  return oauthRefusals["invalid-request"]({
    detail: `${credentialId} is bound to a key that this request does not prove`,
    hint: "The token is bound to a key: prove it.",
  });
}

/** Of what the subject's token may, what this client is registered for, and what it asks for: never more than any of them. */
function narrowedScopes({ client, parameters }: TokenRequest, subject: Verified): readonly string[] | Refusal {
  const held = (scope: string) => (subject.inPerson === true || subject.principal.scopes.includes(scope)) && client.scopes.includes(scope);
  const asked = readScopes(parameters, isScopeToken);
  if (isRefusal(asked)) return asked;
  if (asked === undefined) return client.scopes.filter((scope) => held(scope) && !personalScopes.includes(scope));
  const beyond = asked.find((scope) => !held(scope));
  if (beyond === undefined) return asked;
  return oauthRefusals["invalid-scope"]({ detail: `${client.id}: ${beyond}`, hint: `${beyond} is more than the token or the client may.` });
}

/** `audience` names a target as `resource` does (RFC 8693 s.2.1): here both are one list of configured ones. */
function withAudiences({ parameters }: TokenRequest): TokenRequest["parameters"] {
  return {
    ...parameters,
    list: (name) => (name === "resource" ? [...parameters.list("resource"), ...parameters.list("audience")] : parameters.list(name)),
  };
}

/** Who acts now, and inside it who acted before (RFC 8693 s.4.1). */
function actorOf({ subject }: Pick<Principal, "subject">, before: unknown): JsonObject {
  return { sub: subject, ...(typeof before === "object" && before !== null ? { act: before } : {}) };
}

/**
 * Where a credential says who may act for its subject, nobody else does (RFC 8693 s.4.4). What it says that we cannot judge is
 * held against whoever asks.
 */
function notAllowed(
  { claims, credentialId }: Principal,
  acting: Pick<Principal, "subject">,
  { client }: TokenRequest,
  { issuer }: TokenExchangeParts,
): Refusal | undefined {
  const said: unknown = claims["may_act"];
  if (said === undefined) return undefined;
  const known: Readonly<Record<string, string>> = { sub: acting.subject, client_id: client.id, iss: issuer };
  const named = typeof said === "object" && said !== null && ("sub" in said || "client_id" in said);
  if (named && Object.entries(said).every(([name, value]) => Object.hasOwn(known, name) && known[name] === value)) return undefined;
  return oauthRefusals["invalid-request"]({
    detail: `${credentialId}: may_act does not name ${acting.subject}`,
    hint: "Somebody else may act for the subject (may_act).",
  });
}

/** Every exchange makes the token longer. */
const mostExchanges = 8;

function exchangedTooOften({ sources = [] }: Verified): Refusal | undefined {
  return sources.length < mostExchanges
    ? undefined
    : oauthRefusals["invalid-request"]({ hint: `A token is exchanged ${mostExchanges} times at most.` });
}

/** What has to stand beside session and grant: where there is no grant, the credential itself stands in its place. */
function sourcesOf({ grantId, sources = [], principal }: Verified): readonly string[] | undefined {
  return grantId === undefined ? undefined : [...sources, principal.credentialId];
}
