import { isRefusal, type Refusal, type Store } from "../../../../contracts/index.ts";
import { sameSecret, sha256 } from "../../../../primitives/index.ts";
import type { Codes, FoundCode, Grants } from "../authorization/index.ts";
import { required } from "../parameters.ts";
import { oauthRefusals } from "../refusals.ts";
import type { Grant, TokenRequest, TokenResponse } from "./grant.ts";
import { accessTokenFor, narrowed, type PersonParts, personResponse, standingOwner } from "./person-tokens.ts";

export interface AuthorizationCodeParts extends PersonParts {
  readonly store: Store;
  readonly codes: Codes;
  readonly grants: Grants;
  /** Longest life of an access token. */
  readonly longestMs: number;
}

/**
 * `authorization_code` (RFC 6749 s.4.1.3): a code of this client, for this address, with the verifier of its challenge. It is
 * redeemed once, whichever node is asked; a second time ends everything that the first brought (RFC 9700 s.2.1.1).
 */
export function authorizationCode(parts: AuthorizationCodeParts): Grant {
  return {
    type: "authorization_code",
    metadata: {
      response_types_supported: ["code"],
      response_modes_supported: ["query", "form_post"],
      code_challenge_methods_supported: ["S256"],
    },
    answer: (request) => redeem(request, parts),
  };
}

async function redeem(request: TokenRequest, parts: AuthorizationCodeParts): Promise<TokenResponse | Refusal> {
  const { client, parameters, by } = request;
  const code = required(parameters, "code", 200);
  if (isRefusal(code)) return code;
  const found = await parts.codes.find(code);
  if (found === undefined) return invalid("no such code");
  const wrong = foreignTo(found, request) ?? (found.redeemed ? await usedAgain(found, request, parts) : judge(found, request));
  if (wrong !== undefined) return wrong;
  const owner = await standingOwner(found.granted, parts);
  if (typeof owner === "string") return invalid(owner);
  const wanted = narrowed(found.granted, request);
  if (isRefusal(wanted)) return wanted;
  const access = await accessTokenFor({ ...found, owner, wanted }, request, parts);
  const refreshes = client.grants.includes("refresh_token");
  const granted = { ...found.granted, dpopKey: keyOf(request) };
  const refresh = refreshes ? parts.draftRefresh(found.grantId, client, granted, { ...by, method: "authorization_code" }) : undefined;
  const endsAt = refresh?.endsAt ?? request.at + parts.longestMs;
  const redeemed = await parts.store.write(async (transaction) => {
    if (!(await parts.codes.redeem(transaction, found, endsAt))) return false;
    await access.write?.(transaction);
    await refresh?.write(transaction);
    return true;
  });
  if (!redeemed) return usedAgain(found, request, parts);
  await refresh?.after();
  const response = await personResponse(found.granted, access, wanted, request, parts);
  return refresh === undefined ? response : { ...response, refresh_token: refresh.refreshToken };
}

/** A code of somebody else: it stays as it is, for whose it is. */
function foreignTo(found: FoundCode, { client }: TokenRequest): Refusal | undefined {
  return found.clientId === client.id ? undefined : invalid(`${found.grantId} is of ${found.clientId}, not of ${client.id}`);
}

async function usedAgain({ grantId, granted }: FoundCode, { by }: TokenRequest, { grants }: AuthorizationCodeParts): Promise<Refusal> {
  const detail = "its code was used again";
  await grants.revoke({ id: grantId, subject: granted.subject }, detail, by);
  return invalid(`${grantId}: ${detail}`);
}

function judge(found: FoundCode, { client, parameters, at, bound }: TokenRequest): Refusal | undefined {
  const { redirectUri, codeChallenge, dpopKey } = found.granted;
  if (at >= found.expiresAt) return invalid(`the code of ${found.grantId} has expired`);
  const sent = parameters.get("redirect_uri");
  // With PKCE the address is proved by the verifier, and OAuth 2.1 s.4.1.3 no longer asks for it; without, it must be told.
  if (sent === undefined ? codeChallenge === undefined : sent !== redirectUri) return invalid(`${client.id}: redirect_uri is another one`);
  if (dpopKey !== undefined && bound?.confirmation["jkt"] !== dpopKey) return invalid("the code is bound to another key (dpop_jkt)");
  return verifierProblem(parameters.get("code_verifier"), codeChallenge);
}

/** RFC 7636 s.4.6; a verifier without a challenge is somebody who took the challenge away (RFC 9700 s.2.1.1). */
function verifierProblem(verifier: string | undefined, challenge: string | undefined): Refusal | undefined {
  if (challenge === undefined) return verifier === undefined ? undefined : invalid("a code_verifier, but there was no code_challenge");
  if (verifier === undefined || !/^[A-Za-z0-9\-._~]{43,128}$/.test(verifier))
    return invalid("code_verifier is missing, or not of 43 to 128 characters");
  return sameSecret(sha256(verifier), challenge) ? undefined : invalid("code_verifier is wrong");
}

/** The key of a public client, to which its refresh tokens are bound (RFC 9449 s.5). */
function keyOf({ client, bound }: TokenRequest): string | undefined {
  return client.authentication === "none" ? bound?.confirmation["jkt"] : undefined;
}

const invalid = (detail: string): Refusal => oauthRefusals["invalid-grant"]({ detail });
