import type { JsonObject } from "../primitives/index.ts";

/** Which bit of which list is a token's (Token Status List s.6.2). */
export interface StatusReference {
  readonly idx: number;
  readonly uri: string;
}

/** The reference in the claims of a verified token. Undefined: it names none; false: something that is no reference. */
export function referenceOf(claims: JsonObject): StatusReference | undefined | false {
  if (!Object.hasOwn(claims, "status")) return undefined;
  const list = memberOf(claims["status"], "status_list") as Partial<StatusReference> | undefined;
  const { idx, uri } = typeof list === "object" && list !== null ? list : {};
  return Number.isInteger(idx) && typeof uri === "string" && uri.length <= 2_000 ? (list as StatusReference) : false;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name) ? (value as JsonObject)[name] : undefined;
}
