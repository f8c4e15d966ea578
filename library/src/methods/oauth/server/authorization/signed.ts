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
import { parametersOf, type RequestParameters } from "../parameters.ts";
import { oauthRefusals } from "../refusals.ts";
import type { RequestSource } from "./source.ts";

interface SignedParts {
  readonly issuer: string;
  readonly now: () => number;
  readonly ephemeral: Pick<Ephemeral, "get" | "put">;
  /** The key of a client that a header names, from its registration. Rejects with a Fault when it cannot be fetched. */
  readonly findKey: (
    client: KnownClient,
    header: JwsHeader,
    algorithms: readonly JwsAlgorithm[],
  ) => MaybePromise<VerificationKey | undefined>;
}

/** By a key pair of the client; never `none`, whose object anybody could have written. */
const algorithms: readonly JwsAlgorithm[] = ["ES256", "ES384", "ES512", "EdDSA", "PS256", "RS256"];
const types = ["", "jwt", "oauth-authz-req+jwt"];
const toleranceMs = 30_000;
/** Longest time ahead for which an object may be good. */
const longestMs = 3_600_000;
/** Somebody may have to sign in between the first look at an object and the last. */
const begunMs = 600_000;
/** What is said of the object, not asked for. */
const envelope = new Set(["iss", "aud", "exp", "nbf", "iat", "jti", "sub"]);

/** Signed requests by value (RFC 9101): `request` is a JWT of the client, and nothing beside it counts. */
export function createSignedRequests(parts: SignedParts): RequestSource {
  return {
    metadata: { request_parameter_supported: true, request_object_signing_alg_values_supported: algorithms },
    async read(sent, client) {
      const object = sent.get("request");
      if (object !== undefined) return readObject(object, sent, client, parts);
      return client.metadata["require_signed_request_object"] === true ? bad("this client has to sign its requests") : undefined;
    },
  };
}

async function readObject(
  object: string,
  sent: RequestParameters,
  client: KnownClient,
  parts: SignedParts,
): Promise<RequestParameters | Refusal> {
  if (sent.get("request_uri") !== undefined) return bad("request beside request_uri");
  const jws = readJws(object);
  if ("problem" in jws) return bad(jws.problem);
  if (!types.includes((jws.header.typ ?? "").toLowerCase().replace(/^application\//, ""))) return bad("typ is of another kind of JWT");
  const registered = client.metadata["request_object_signing_alg"];
  if (registered !== undefined && registered !== jws.header.alg) return bad("alg is another than the registered one");
  const key = await parts.findKey(client, jws.header, algorithms);
  if (key === undefined || !verifyJws(jws, key)) return bad("no registered key of the client made the signature");
  const claims = parseJsonObject(jws.payload);
  if (claims === undefined) return bad("the payload is not a JSON object, or repeats a name");
  const wrong = (await judge(claims, object, parts)) ?? judgeParties(claims, client, parts);
  return wrong === undefined ? parametersIn(claims) : bad(wrong);
}

function judgeParties({ iss, aud, client_id }: JsonObject, { id }: KnownClient, { issuer }: SignedParts): string | undefined {
  if (client_id !== id || (iss !== undefined && iss !== id)) return "client_id or iss is another client";
  return (Array.isArray(aud) ? aud : [aud]).includes(issuer) ? undefined : `aud must be ${issuer}`;
}

/** Its time. One that was good when the browser came first is good until it is decided. */
async function judge({ exp, nbf, iat }: JsonObject, object: string, { now, ephemeral }: SignedParts): Promise<string | undefined> {
  const at = now();
  for (const instant of [exp, nbf, iat]) if (instant !== undefined && typeof instant !== "number") return "exp, nbf or iat is no number";
  if (typeof exp !== "number") return "exp is missing";
  if (exp * 1_000 > at + longestMs + toleranceMs) return "exp is more than an hour ahead";
  if (Math.max((nbf as number) ?? 0, (iat as number) ?? 0) * 1_000 > at + toleranceMs) return "nbf or iat is ahead";
  const key = `oauth-signed:${sha256(object)}`;
  if (exp * 1_000 + toleranceMs > at) {
    await ephemeral.put(key, "", begunMs);
    return undefined;
  }
  return (await ephemeral.get(key)) === undefined ? "it has expired" : undefined;
}

/** Its claims as parameters: texts and numbers as they are, objects (`claims`) as JSON, lists for `resource`. */
function parametersIn(claims: JsonObject): RequestParameters | Refusal {
  const values = new Map<string, string | readonly string[]>();
  for (const [name, value] of Object.entries(claims)) {
    if (envelope.has(name)) continue;
    const text = textOf(value);
    if (name === "request" || name === "request_uri" || text === undefined || isRefusal(text))
      return bad(`${name.slice(0, 40)} cannot stand in it`);
    if (text !== "") values.set(name, text);
  }
  return parametersOf(values);
}

function textOf(value: unknown): string | readonly string[] | undefined {
  if (typeof value === "string") return /\p{Cc}/u.test(value) || !value.isWellFormed() ? undefined : value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return value.every((one) => typeof one === "string" && !/\p{Cc}/u.test(one)) ? (value as string[]) : undefined;
  return typeof value === "object" && value !== null ? JSON.stringify(value) : undefined;
}

function bad(detail: string): Refusal {
  return oauthRefusals["invalid-request-object"]({ detail, hint: `request: ${detail}.` });
}
