import type { Kysely } from "kysely";
import { type ActedBy, type ActiveOwner, type MaybePromise, type OwnerState, type Refusal } from "../../../../contracts/index.ts";
import { type Granted, isOffline } from "../authorization/index.ts";
import type { Client } from "../clients/index.ts";
import { oauthRefusals } from "../refusals.ts";
import type { IdTokens, IssueAccessToken, IssuedAccessToken, KnownPerson } from "../tokens/index.ts";
import { personClaims, requestedClaims } from "../tokens/index.ts";
import type { TokenRequest, TokenResponse } from "./grant.ts";
import { tokenResponse } from "./response.ts";

/** A refresh token in this answer only. */
export interface DraftedRefresh {
  readonly refreshToken: string;
  readonly familyId: string;
  readonly endsAt: number;
  /** Makes it durable, in the transaction of what it comes of. */
  write<T>(transaction: Kysely<T>): Promise<void>;
  /** What is left to do once that is done. */
  after(): Promise<void>;
}

/** What the grants of people stand on. */
export interface PersonParts {
  readonly issue: IssueAccessToken;
  readonly idTokens: IdTokens;
  readonly ownerState: (subject: string) => MaybePromise<OwnerState>;
  readonly sessionStands: (id: string) => MaybePromise<boolean>;
  readonly person: (subject: string) => MaybePromise<KnownPerson | undefined>;
  /** Begins a family of refresh tokens for a grant. */
  readonly draftRefresh: (grantId: string, client: Client, granted: Granted, by: ActedBy) => DraftedRefresh;
}

/** The person of a grant, who may still act, and whose sign-in still counts; a text: why not. Asked once for each request. */
export async function standingOwner(granted: Granted, parts: PersonParts): Promise<ActiveOwner | string> {
  const owner = await parts.ownerState(granted.subject);
  if (owner.state !== "active") return `${granted.subject} is ${owner.state}`;
  if (owner.passwordChangedAt !== undefined && owner.passwordChangedAt > granted.authenticatedAt)
    return `${granted.subject} has another password since`;
  if (isOffline(granted) || granted.sessionId === undefined) return owner;
  return (await parts.sessionStands(granted.sessionId)) ? owner : `${granted.sessionId} has ended`;
}

/** What of a grant this request asks for: it may narrow, never widen (RFC 6749 s.6, RFC 8707 s.2.2). */
export function narrowed(
  granted: Granted,
  { parameters }: Pick<TokenRequest, "parameters">,
): Pick<Granted, "scopes" | "resources"> | Refusal {
  const scope = parameters.get("scope");
  const scopes = scope === undefined ? granted.scopes : [...new Set(scope.split(" ").filter((one) => one !== ""))];
  if (!scopes.every((one) => granted.scopes.includes(one)))
    return oauthRefusals["invalid-scope"]({ hint: "scope may hold only what was granted." });
  const asked = [...new Set(parameters.list("resource"))];
  if (!asked.every((one) => granted.resources.includes(one)))
    return oauthRefusals["invalid-target"]({ hint: "resource may be only one for which this was granted." });
  return { scopes, resources: asked.length === 0 ? granted.resources : asked };
}

/** A grant that stands, and what of it is asked for. */
interface StandingGrant {
  readonly granted: Granted;
  readonly grantId: string;
  readonly owner: ActiveOwner;
  readonly wanted: Pick<Granted, "scopes" | "resources">;
}

/** The access token of a grant. Roles go to our own clients only: others may what their scopes say, in nobody's role. */
export function accessTokenFor(
  { granted, grantId, owner, wanted }: StandingGrant,
  { client, bound }: TokenRequest,
  parts: PersonParts,
): MaybePromise<IssuedAccessToken> {
  return parts.issue({
    client,
    subject: granted.subject,
    owner,
    kind: "user",
    roles: client.firstParty ? owner.roles : [],
    ...wanted,
    grantId,
    sessionId: isOffline(granted) ? undefined : granted.sessionId,
    authenticatedAt: granted.authenticatedAt,
    acr: granted.acr,
    amr: granted.amr,
    confirmation: bound?.confirmation,
  });
}

/** The answer of the token endpoint for a person's grant: with an ID token where `openid` was granted. */
export async function personResponse(
  granted: Granted,
  access: IssuedAccessToken,
  wanted: Pick<Granted, "scopes">,
  request: TokenRequest,
  parts: PersonParts,
): Promise<TokenResponse> {
  const response = tokenResponse(access, wanted.scopes, request);
  if (!wanted.scopes.includes("openid")) return response;
  const names = requestedClaims(granted.claims, "id_token");
  const person = names.length === 0 ? undefined : await parts.person(granted.subject);
  const id_token = await parts.idTokens.issue({
    client: request.client,
    subject: granted.subject,
    sessionId: granted.sessionId,
    authenticatedAt: granted.authenticatedAt,
    acr: granted.acr,
    amr: granted.amr,
    nonce: granted.nonce,
    accessToken: access.token,
    claims: person === undefined ? {} : personClaims(person, granted.scopes, names),
  });
  return { ...response, id_token };
}
