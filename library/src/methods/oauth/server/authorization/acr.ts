import type { JsonObject } from "../../../../primitives/index.ts";
import type { AuthorizationRequest, SignedInPerson } from "./request.ts";

/** Which ways to sign in a client wants, and whether another will not do. */
interface WantedAcr {
  readonly values: readonly string[];
  readonly required: boolean;
}

/**
 * What a request says of `acr`: as an essential claim of the ID token one of the values is required, and an answer without it
 * is none (OpenID Connect Core s.5.5.1.1); `acr_values` is a wish (s.3.1.2.1). Undefined: nothing.
 */
function wantedAcr({ claims, acrValues }: Pick<AuthorizationRequest, "claims" | "acrValues">): WantedAcr | undefined {
  const acr = memberOf(memberOf(claims, "id_token"), "acr");
  const { essential, value, values = [value] } = acr ?? {};
  const named = Array.isArray(values) ? values.filter((one) => typeof one === "string") : [];
  if (essential === true && named.length > 0) return { values: named, required: true };
  const wished = [...named, ...acrValues];
  return wished.length === 0 ? undefined : { values: wished, required: false };
}

/** Values for which it is worth to sign in anew: wanted, not met by this sign-in, and among those that a sign-in here can have. */
export function acrToAsk(
  request: Pick<AuthorizationRequest, "claims" | "acrValues">,
  person: Pick<SignedInPerson, "acr"> | undefined,
  supported: readonly string[],
): readonly string[] {
  const { values = [] } = wantedAcr(request) ?? {};
  return values.includes(person?.acr ?? "") ? [] : values.filter((value) => supported.includes(value));
}

/** Whether what is required was not met. */
export function isAcrUnmet(request: Pick<AuthorizationRequest, "claims" | "acrValues">, { acr }: Pick<SignedInPerson, "acr">): boolean {
  const wanted = wantedAcr(request);
  return wanted?.required === true && !wanted.values.includes(acr ?? "");
}

function memberOf(object: JsonObject | undefined, name: string): JsonObject | undefined {
  const value = object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined;
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}
