import { type ActedBy, isPromise } from "../contracts/index.ts";
import { betweenName } from "../methods/jwt/index.ts";
import {
  type Client,
  createOpaqueTokens,
  type DraftedRefresh,
  type Granted,
  type Grants,
  isOffline,
  type Subjects,
} from "../methods/oauth/server/index.ts";
import type { RefreshFamilies } from "../refresh-tokens/index.ts";
import type { OAuthWiring } from "./oauth-wiring.ts";

/** Opaque tokens, judged by the same revocations, owners, sessions and grants as signed ones. */
export function wireOpaqueTokens(
  { settings, changes, change, trail, tokens, ...given }: OAuthWiring,
  grants: Pick<Grants, "stands">,
  subjects: Subjects,
) {
  const { store, clock, issuer, environment, jwt, cacheMs } = settings;
  return createOpaqueTokens({
    store,
    clock,
    issuer,
    environment,
    audience: jwt.audience,
    lifeMs: jwt.defaultMs,
    cacheMs,
    subjects,
    trail,
    change,
    revocations: tokens.revocations,
    between: betweenName,
    ownerState: given.ownerState,
    stands(id) {
      if (id.startsWith("ses_")) return given.sessionStands(id);
      if (!id.startsWith("grt_")) return given.keyStands(id);
      const stands = grants.stands(id);
      const judge = (does: boolean | undefined) => does ?? tokens.families.stands(id);
      return isPromise(stands) ? stands.then(judge) : judge(stands);
    },
    live: (at) => changes.live(at),
  });
}

/** Begins the family of refresh tokens of a grant. */
export function draftRefresh(families: RefreshFamilies) {
  return (grantId: string, client: Client, granted: Granted, by: ActedBy): DraftedRefresh => {
    const { redirectUri: _, codeChallenge: __, ...data } = granted;
    const sessionId = isOffline(granted) ? undefined : granted.sessionId;
    const drafted = families.draft({ id: grantId, subject: granted.subject, clientId: client.id, sessionId, data }, by);
    const { refreshed, endsAt, write, after } = drafted;
    return { refreshToken: refreshed.refreshToken, familyId: refreshed.familyId, endsAt, write, after };
  };
}
