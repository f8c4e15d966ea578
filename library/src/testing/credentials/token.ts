import { generateKeyPairSync } from "node:crypto";
import type { IssuedToken, TokenOptions } from "../../methods/jwt/index.ts";
import { type JsonObject, parseJsonObject, signJws, signingKey } from "../../primitives/index.ts";
import type { TestLatchkey } from "../gate.ts";
import { bearerHeader } from "../headers.ts";
import type { MintedCredential } from "./minted.ts";
import { mintUser } from "./user.ts";

/** The states of an access token, each with what the guard makes of it. */
const outcomes = {
  valid: "allowed",
  expired: "jwt.expired",
  "not-yet-valid": "jwt.not-yet-valid",
  /** Good, but for another API. */
  "wrong-audience": "jwt.wrong-audience",
  /** An ID token, say: of the same key and claims, of another type. */
  "wrong-type": "jwt.wrong-type",
  /** Of an issuer that nobody here knows. */
  foreign: "jwt.unknown-issuer",
  /** One character of the signature is another. */
  damaged: "jwt.bad-signature",
  revoked: "jwt.revoked",
  "owner-disabled": "jwt.owner-disabled",
  "owner-gone": "jwt.owner-gone",
} as const;

export type TokenState = keyof typeof outcomes;

export interface MintTokenOptions extends Omit<TokenOptions, "principal"> {
  /** Default `valid`. */
  readonly state?: TokenState;
}

export interface MintedToken extends MintedCredential {
  readonly token: string;
  /** Its `jti`. */
  readonly id: string;
}

/**
 * An access token in any state, in one line; for a user of its own unless `subject` names one:
 *
 *     const { headers } = await mintToken(auth, { state: "expired", scopes: ["posts:read"] });
 */
export async function mintToken(auth: TestLatchkey, options: MintTokenOptions = {}): Promise<MintedToken> {
  const { state = "valid", ...wanted } = options;
  const subject = wanted.subject ?? (await mintUser(auth)).id;
  const issued = await auth.tokens.issue({ ...wanted, subject });
  const token = await brought(issued, subject, state, auth);
  return { token, id: issued.id, headers: bearerHeader(token), outcome: outcomes[state] };
}

/** Brings a token that was just issued into the state; what no room would issue is signed again, with the gate's own key. */
async function brought({ token, id }: IssuedToken, subject: string, state: TokenState, auth: TestLatchkey): Promise<string> {
  const at = Math.floor(auth.clock.now() / 1_000);
  const elsewhere = "https://elsewhere.example";
  if (state === "revoked") await auth.tokens.revoke({ id });
  if (state === "owner-disabled") await auth.users.disable(subject);
  if (state === "owner-gone") await auth.users.delete(subject);
  if (state === "damaged") return token.slice(0, -10) + (token.at(-10) === "A" ? "B" : "A") + token.slice(-9);
  if (state === "expired") return signedAgain(token, { iat: at - 3_600, exp: at - 1_800 }, auth);
  if (state === "not-yet-valid") return signedAgain(token, { nbf: at + 1_800, exp: at + 3_600 }, auth);
  if (state === "wrong-audience") return signedAgain(token, { aud: elsewhere }, auth);
  if (state === "wrong-type") return signedAgain(token, {}, auth, "JWT");
  if (state !== "foreign") return token;
  const stranger = signingKey("ES256", generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey, "stranger");
  return signJws({ ...claimsOf(token), iss: elsewhere }, "at+jwt", stranger);
}

async function signedAgain(token: string, changed: JsonObject, auth: TestLatchkey, type = "at+jwt"): Promise<string> {
  return signJws({ ...claimsOf(token), ...changed }, type, await auth.signingKeys.signer());
}

function claimsOf(token: string): JsonObject {
  return parseJsonObject(Buffer.from(token.split(".")[1]!, "base64url"))!;
}
