import type { Clock, MaybePromise } from "../../../../contracts/index.ts";
import { type JwsAlgorithm, newId, signJws, type SigningKey } from "../../../../primitives/index.ts";
import type { Client } from "../clients/index.ts";
import type { Subjects } from "../subjects/index.ts";

interface LogoutTokenParts {
  readonly issuer: string;
  readonly clock: Clock;
  readonly subjects: Subjects;
  readonly signer: (algorithm: JwsAlgorithm) => MaybePromise<SigningKey>;
}

/** Whose session ended. */
export interface EndedSession {
  readonly sessionId: string;
  readonly subject: string;
}

export type IssueLogoutToken = (client: Client, ended: EndedSession) => Promise<string>;

/** Long enough for clocks that differ, and no longer (Back-Channel Logout s.2.4: at most two minutes are advised). */
const lifeSeconds = 120;

/** A logout token: `sub` and `sid` as in the ID token, never a `nonce`, so that it is no ID token to anybody (s.2.4, s.2.6). */
export function createIssueLogoutToken({ issuer, clock, subjects, signer }: LogoutTokenParts): IssueLogoutToken {
  return async (client, { sessionId, subject }) => {
    const iat = Math.floor(clock.now() / 1_000);
    const claims = {
      iss: issuer,
      aud: client.id,
      iat,
      exp: iat + lifeSeconds,
      jti: newId("lgt", clock.now()),
      events: { "http://schemas.openid.net/event/backchannel-logout": {} },
      sub: await subjects.of(client, subject),
      sid: await subjects.sessionOf(client, sessionId),
    };
    return signJws(claims, "logout+jwt", await signer(client.idTokenAlgorithm));
  };
}
