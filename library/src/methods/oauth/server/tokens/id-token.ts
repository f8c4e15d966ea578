import { after, type Clock, type MaybePromise } from "../../../../contracts/index.ts";
import {
  type JsonObject,
  type JwsAlgorithm,
  parseJsonObject,
  readJws,
  sha256,
  signJws,
  type SigningKey,
  type VerificationKey,
  verifyJws,
} from "../../../../primitives/index.ts";
import type { Client } from "../clients/index.ts";
import type { Subjects } from "../subjects/index.ts";

/** What an ID token says of how somebody signed in (OpenID Connect Core s.2). */
export interface IdTokenFacts {
  readonly client: Client;
  readonly subject: string;
  readonly sessionId: string | undefined;
  readonly authenticatedAt: number;
  readonly acr: string | undefined;
  readonly amr: readonly string[];
  readonly nonce: string | undefined;
  /** The access token beside it. */
  readonly accessToken: string;
  /** Further claims about the person, asked for one by one. */
  readonly claims: Readonly<Record<string, unknown>>;
}

export interface IdTokenParts {
  readonly issuer: string;
  readonly clock: Clock;
  readonly lifeMs: number;
  readonly signer: (algorithm: JwsAlgorithm) => MaybePromise<SigningKey>;
  readonly subjects: Subjects;
  readonly find: (keyId: string) => MaybePromise<VerificationKey | undefined>;
}

export interface IdTokens {
  issue(facts: IdTokenFacts): MaybePromise<string>;
  /** The claims of an ID token of ours for this client, also of one that has expired (`id_token_hint`); undefined: it is none. */
  readHint(token: string, clientId: string | undefined): Promise<JsonObject | undefined>;
  /** Whether a hint is an ID token of ours for this client that names this person. */
  isOf(token: string, client: Client, subject: string): Promise<boolean>;
}

export function createIdTokens(parts: IdTokenParts): IdTokens {
  const { subjects } = parts;
  const readHint = async (token: string, clientId: string | undefined): Promise<JsonObject | undefined> => {
    const jws = readJws(token);
    if ("problem" in jws || jws.header.typ !== "JWT" || jws.header.kid === undefined) return undefined;
    const key = await parts.find(jws.header.kid);
    const claims = key !== undefined && verifyJws(jws, key) ? parseJsonObject(jws.payload) : undefined;
    if (claims?.["iss"] !== parts.issuer) return undefined;
    return clientId === undefined || claims["aud"] === clientId ? claims : undefined;
  };
  return {
    issue({ client, subject, sessionId, ...facts }) {
      const sid = sessionId === undefined ? undefined : subjects.sessionOf(client, sessionId);
      return after(parts.signer(client.idTokenAlgorithm), (key) =>
        after(subjects.of(client, subject), (sub) =>
          after(sid, (known) => sign({ ...facts, sub, sid: known, aud: client.id }, key, parts)),
        ),
      );
    },
    readHint,
    async isOf(token, client, subject) {
      const claims = await readHint(token, client.id);
      return claims !== undefined && claims["sub"] === (await subjects.of(client, subject));
    },
  };
}

/** The same facts in the names by which the client knows them. */
interface SignedFacts extends Omit<IdTokenFacts, "client" | "subject" | "sessionId"> {
  readonly aud: string;
  readonly sub: string;
  readonly sid: string | undefined;
}

function sign(facts: SignedFacts, key: SigningKey, { issuer, clock, lifeMs }: IdTokenParts): string {
  const at = Math.floor(clock.now() / 1_000);
  const claims = {
    ...facts.claims,
    iss: issuer,
    sub: facts.sub,
    aud: facts.aud,
    exp: at + Math.floor(lifeMs / 1_000),
    iat: at,
    auth_time: Math.floor(facts.authenticatedAt / 1_000),
    nonce: facts.nonce,
    acr: facts.acr,
    amr: facts.amr.length === 0 ? undefined : facts.amr,
    sid: facts.sid,
    at_hash: leftHalf(facts.accessToken),
  };
  return signJws(claims, "JWT", key);
}

/** The left half of the SHA-256 (OpenID Connect Core s.3.1.3.6): both algorithms that are offered use that hash. */
function leftHalf(token: string): string {
  return Buffer.from(sha256(token), "base64url").subarray(0, 16).toString("base64url");
}
