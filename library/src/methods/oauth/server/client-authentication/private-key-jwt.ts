import { type Ephemeral, isRefusal, type MaybePromise, type Refusal } from "../../../../contracts/index.ts";
import {
  type JsonObject,
  type JwsAlgorithm,
  type JwsHeader,
  parseJsonObject,
  readJws,
  sha256,
  type VerificationKey,
  verifyJws,
} from "../../../../primitives/index.ts";
import type { KnownClient } from "../clients/index.ts";
import { oauthRefusals } from "../refusals.ts";
import type { ClientAuthentication, Presented } from "./way.ts";

export interface PrivateKeyParts {
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly ephemeral: Ephemeral;
  /** The key of a client that a header names, from its registration. Rejects with a Fault when it cannot be fetched. */
  readonly findKey: (
    client: KnownClient,
    header: JwsHeader,
    algorithms: readonly JwsAlgorithm[],
  ) => MaybePromise<VerificationKey | undefined>;
}

export const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/** Signatures by a key pair only: a secret would have to be kept readable here. */
export const assertionAlgorithms: readonly JwsAlgorithm[] = [
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "RS256",
  "PS256",
  "RS384",
  "PS384",
  "RS512",
  "PS512",
];
const toleranceMs = 30_000;
/** Longest time that an assertion may be good for: as long its `jti` is remembered. */
const longestMs = 3_600_000;

/** `private_key_jwt`: a signed assertion for this server, good once (RFC 7523 s.3, OpenID Connect Core s.9). */
export function privateKeyJwt(parts: PrivateKeyParts): ClientAuthentication {
  return {
    name: "private_key_jwt",
    metadata: { token_endpoint_auth_signing_alg_values_supported: assertionAlgorithms },
    read(_view, parameters) {
      const proof = parameters.get("client_assertion");
      const type = parameters.get("client_assertion_type");
      if (proof === undefined && type === undefined) return undefined;
      if (proof === undefined || type !== assertionType) return bad("client_assertion without its type, or of another type");
      const claims = claimsOf(proof);
      if (claims === undefined) return bad("the assertion is not a JWT with a JSON object in it");
      const { sub } = claims;
      return typeof sub === "string" && sub !== "" ? { clientId: sub, proof } : bad("the assertion names no client (sub)");
    },
    verify: (presented, client, at) => verifyAssertion(presented, client, at, parts),
  };
}

async function verifyAssertion(
  { proof }: Presented,
  client: KnownClient,
  at: number,
  parts: PrivateKeyParts,
): Promise<Refusal | undefined> {
  const jws = readJws(proof);
  if ("problem" in jws) return bad(jws.problem);
  const key = await parts.findKey(client, jws.header, assertionAlgorithms);
  if (key === undefined) return bad(`${client.id}: no registered key has this kid and algorithm`);
  if (!verifyJws(jws, key)) return bad(`${client.id}: the signature is wrong`);
  const claims = parseJsonObject(jws.payload)!;
  const id = judge(claims, client, at, parts);
  if (isRefusal(id)) return id;
  const fresh = await parts.ephemeral.putIfAbsent(`oauth-assertion:${sha256(`${client.id} ${id}`)}`, "1", longestMs + 2 * toleranceMs);
  return fresh ? undefined : bad(`${client.id}: the jti was used before`);
}

/** The `jti` of an assertion that is good now. */
function judge(claims: JsonObject, client: KnownClient, at: number, { issuer, tokenEndpoint }: PrivateKeyParts): string | Refusal {
  const own = (name: string): unknown => (Object.hasOwn(claims, name) ? claims[name] : undefined);
  const [iss, sub, aud, exp, nbf, iat, jti] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"].map(own);
  if (iss !== client.id || sub !== client.id) return bad(`${client.id}: iss and sub must be the client`);
  const audiences = typeof aud === "string" ? [aud] : Array.isArray(aud) ? aud : [];
  if (audiences.length !== 1 || (audiences[0] !== issuer && audiences[0] !== tokenEndpoint))
    return bad(`${client.id}: aud must be ${issuer} or ${tokenEndpoint}, and nothing else`);
  if (typeof exp !== "number" || !(exp * 1_000 + toleranceMs > at)) return bad(`${client.id}: exp is missing or over`);
  if (exp * 1_000 > at + longestMs) return bad(`${client.id}: exp is more than an hour away`);
  for (const instant of [nbf, iat])
    if (instant !== undefined && !(typeof instant === "number" && instant * 1_000 <= at + toleranceMs))
      return bad(`${client.id}: nbf or iat is ahead`);
  return typeof jti === "string" && jti !== "" && jti.length <= 200 ? jti : bad(`${client.id}: jti is missing`);
}

function claimsOf(assertion: string): JsonObject | undefined {
  const jws = readJws(assertion);
  return "problem" in jws ? undefined : parseJsonObject(jws.payload);
}

const bad = (detail: string): Refusal => oauthRefusals["invalid-client"]({ detail });
