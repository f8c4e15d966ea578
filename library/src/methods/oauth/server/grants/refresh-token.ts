import { type ActedBy, isRefusal, type MaybePromise, type Refusal, type Store } from "../../../../contracts/index.ts";
import type { Granted } from "../authorization/index.ts";
import { required } from "../parameters.ts";
import { oauthRefusals } from "../refusals.ts";
import type { Grant, TokenRequest, TokenResponse } from "./grant.ts";
import { accessTokenFor, narrowed, type PersonParts, personResponse, standingOwner } from "./person-tokens.ts";

interface PresentedToken {
  readonly familyId: string;
  readonly data: unknown;
  /** Uses it up for its successor, durable when it resolves, whatever happened since it was found. */
  rotate(by: ActedBy): Promise<{ readonly refreshToken: string } | Refusal>;
}

/** Refresh tokens in families, kept elsewhere. */
export interface Families {
  /** What a token is of, without using it up; a refusal where it is not good now, or not of this client. */
  inspect(token: string, clientId: string): MaybePromise<PresentedToken | Refusal>;
  revoke(token: string, clientId: string, by: ActedBy): Promise<boolean>;
}

export interface RefreshTokenParts extends PersonParts {
  readonly store: Store;
  readonly families: Families;
}

/** `refresh_token` (RFC 6749 s.6): used once for its successor; an old one that is used again ends the family (RFC 9700 s.4.14.2). */
export function refreshToken(parts: RefreshTokenParts): Grant {
  return { type: "refresh_token", answer: (request) => refresh(request, parts) };
}

async function refresh(request: TokenRequest, parts: RefreshTokenParts): Promise<TokenResponse | Refusal> {
  const { client, parameters, bound, by } = request;
  const token = required(parameters, "refresh_token", 200);
  if (isRefusal(token)) return token;
  const found = await parts.families.inspect(token, client.id);
  if (isRefusal(found)) return invalid(`${found.code} ${found.detail ?? ""}`);
  // What is asked for is judged before the token is used up: a client that asks for too much may ask again.
  const granted = found.data as Granted;
  const wanted = narrowed(granted, request);
  if (isRefusal(wanted)) return wanted;
  if (granted.dpopKey !== undefined && bound?.confirmation["jkt"] !== granted.dpopKey)
    return invalid(`${found.familyId} is bound to another key`);
  const owner = await standingOwner(granted, parts);
  if (typeof owner === "string") {
    await parts.families.revoke(token, client.id, by);
    return invalid(owner);
  }
  // Before the token is used up: what ends the grant or the person while that is written ends this access token too.
  const access = await accessTokenFor({ granted, grantId: found.familyId, owner, wanted }, request, parts);
  const rotated = await found.rotate(by);
  if (isRefusal(rotated)) return invalid(`${rotated.code} ${rotated.detail ?? ""}`);
  if (access.write !== undefined) await parts.store.write(access.write);
  // The nonce was for the first answer (OpenID Connect Core s.12.2).
  const response = await personResponse({ ...granted, nonce: undefined }, access, wanted, request, parts);
  return { ...response, refresh_token: rotated.refreshToken };
}

const invalid = (detail: string): Refusal => oauthRefusals["invalid-grant"]({ detail });
