import { decodeBase64url } from "./base64url.ts";
import { type JsonObject, parseJsonObject } from "./json.ts";
import type { SigningKey, VerificationKey } from "./jws-keys.ts";

/** A compact JWS (RFC 7515 s.7.1) that was taken apart and not believed. */
export interface UnverifiedJws {
  readonly header: JwsHeader;
  readonly payload: Buffer;
  readonly signature: Buffer;
  /** What was signed: the first two parts as they were sent. */
  readonly signed: string;
  /** The header as it was sent. */
  readonly headerPart: string;
}

/** The members of a header that anybody here looks at. `jwk`, `jku`, `x5u` and `x5c` are not among them, on purpose (RFC 8725 s.3.10). */
export interface JwsHeader {
  readonly alg: string;
  readonly typ: string | undefined;
  readonly kid: string | undefined;
}

/** What is wrong with the form of a token, for the operator. */
export interface JwsProblem {
  readonly problem: string;
}

/** Headers that were read, by their text. */
export interface JwsHeaders {
  find(headerPart: string): JwsHeader | undefined;
  /** Only once the signature was found good: what anybody may write fills no memory. */
  keep(jws: UnverifiedJws): void;
}

const mostHeaders = 100;
const longestHeader = 512;

/** Every token of one key has the same header: read once and remembered, a hundred of them. */
export function createJwsHeaders(): JwsHeaders {
  const headers = new Map<string, JwsHeader>();
  return {
    find: (headerPart) => headers.get(headerPart),
    keep({ header, headerPart }) {
      if (headerPart.length > longestHeader || headers.has(headerPart)) return;
      if (headers.size >= mostHeaders) headers.clear();
      // A copy: a part of a text keeps all of it, the signature too.
      headers.set(Buffer.from(headerPart, "latin1").toString("latin1"), header);
    },
  };
}

/** Longest token that is looked at: what fits into a header of Node's default 16 KiB. */
export const longestJws = 16 * 1024;

/**
 * Takes a compact JWS apart: three parts of canonical base64url, a header that is a JSON object without repeated names,
 * `alg` a text, and nothing critical: no extension is spoken here, so `crit` and an unencoded payload are refused
 * (RFC 7515 s.4.1.11, RFC 7797). Total: any text in, an answer out. Verifies nothing. A header among `headers` is not read again.
 */
export function readJws(token: string, longest = longestJws, headers?: JwsHeaders): UnverifiedJws | JwsProblem {
  if (token.length > longest) return { problem: `longer than ${longest} characters` };
  const first = token.indexOf(".");
  const second = token.indexOf(".", first + 1);
  if (first === -1 || second === -1) return { problem: "fewer than three parts" };
  if (token.includes(".", second + 1)) return { problem: "more than three parts" };
  const headerPart = token.slice(0, first);
  const header = headers?.find(headerPart) ?? readHeader(headerPart);
  if ("problem" in header) return header;
  const payload = decodeBase64url(token.slice(first + 1, second));
  if (payload === undefined) return { problem: "the payload is not base64url" };
  const signature = decodeBase64url(token.slice(second + 1));
  if (signature === undefined || signature.length === 0) return { problem: "no signature" };
  return { header, payload, signature, signed: token.slice(0, second), headerPart };
}

function readHeader(part: string): JwsHeader | JwsProblem {
  const bytes = decodeBase64url(part);
  const members = bytes === undefined ? undefined : parseJsonObject(bytes);
  if (members === undefined) return { problem: "the header is not a JSON object in base64url" };
  // Own members only: a header has no prototype that could speak for it.
  const own = (name: string): unknown => (Object.hasOwn(members, name) ? members[name] : undefined);
  for (const name of ["crit", "b64", "zip", "enc"]) if (Object.hasOwn(members, name)) return { problem: `the header has ${name}` };
  const [alg, typ, kid] = [own("alg"), own("typ"), own("kid")];
  if (typeof alg !== "string") return { problem: "alg is not a text" };
  if (typ !== undefined && typeof typ !== "string") return { problem: "typ is not a text" };
  if (kid !== undefined && (typeof kid !== "string" || kid.length > 256)) return { problem: "kid is not a text of at most 256 characters" };
  return { alg, typ, kid };
}

/** Whether this key made the signature, with the algorithm that it is for; the token must name the same one. */
export function verifyJws(jws: UnverifiedJws, key: VerificationKey): boolean {
  return sameAlgorithm(jws.header.alg, key) && key.verify(Buffer.from(jws.signed, "latin1"), jws.signature);
}

/** RFC 9864 gives EdDSA with Ed25519 the name of its curve. */
function sameAlgorithm(named: string, key: VerificationKey): boolean {
  return named === key.algorithm || (named === "Ed25519" && key.algorithm === "EdDSA");
}

/** Signs a JSON object as a compact JWS of this type. `alg` and `kid` are those of the key. */
export function signJws(payload: JsonObject, type: string, key: SigningKey): string {
  const signed = `${key.headerOf(type)}.${Buffer.from(JSON.stringify(payload)).toString("base64url")}`;
  return `${signed}.${key.sign(Buffer.from(signed, "latin1")).toString("base64url")}`;
}
