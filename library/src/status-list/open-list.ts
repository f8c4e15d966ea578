import type { MaybePromise } from "../contracts/index.ts";
import { type JwsHeader, parseJsonObject, readJws, type VerificationKey, verifyJws } from "../primitives/index.ts";
import { type StatusList, statusListType, unpackStatusList } from "./list-token.ts";

/** Longest list token that is looked at: 16 Mi tokens, half of them revoked. */
export const longestListToken = 4 * 1024 * 1024;

/** Clocks may be this far apart. */
const toleranceMs = 60_000;

export interface OpenedList {
  readonly list: StatusList;
  /** When the issuer says that nobody may rely on it any more; Infinity: it does not say. */
  readonly expiresAt: number;
}

/**
 * Verifies a list token (Token Status List s.5.1, s.8.3): its type, the issuer's signature, that it is the list of this very
 * URI, and its time. Rejects with an Error that says what was wrong.
 */
export async function openStatusList(
  token: string,
  uri: string,
  find: (header: JwsHeader) => MaybePromise<VerificationKey | undefined>,
  at: number,
): Promise<OpenedList> {
  const jws = readJws(token, longestListToken);
  if ("problem" in jws) throw new Error(`${uri}: ${jws.problem}`);
  const type = (jws.header.typ ?? "").toLowerCase().replace(/^application\//, "");
  if (type !== statusListType) throw new Error(`${uri}: typ is not ${statusListType}`);
  const key = await find(jws.header);
  if (key === undefined || !verifyJws(jws, key)) throw new Error(`${uri}: the issuer did not sign this`);
  const claims = parseJsonObject(jws.payload);
  const own = (name: string): unknown => (claims !== undefined && Object.hasOwn(claims, name) ? claims[name] : undefined);
  const [issuedAt, expiresAt] = [own("iat"), own("exp") ?? Infinity];
  if (own("sub") !== uri) throw new Error(`${uri}: sub is another list`);
  if (typeof issuedAt !== "number" || issuedAt * 1_000 > at + toleranceMs) throw new Error(`${uri}: iat is missing or ahead`);
  if (typeof expiresAt !== "number" || expiresAt * 1_000 <= at) throw new Error(`${uri}: it has expired`);
  const list = await unpackStatusList(own("status_list"));
  if (list === undefined) throw new Error(`${uri}: status_list cannot be unpacked`);
  return { list, expiresAt: expiresAt * 1_000 };
}
