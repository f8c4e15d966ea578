import { type JsonObject } from "../../../../primitives/index.ts";

/** What is known of a person. */
export interface KnownPerson {
  readonly email: string;
  readonly emailVerified: boolean;
  readonly metadata: JsonObject;
}

/** Standard claims that the scope `profile` gives, where the app keeps them in the metadata of a user (OpenID Connect Core s.5.1). */
const profileClaims = [
  "name",
  "given_name",
  "family_name",
  "middle_name",
  "nickname",
  "preferred_username",
  "profile",
  "picture",
  "website",
  "gender",
  "birthdate",
  "zoneinfo",
  "locale",
];
const emailClaims = ["email", "email_verified"];

/** Every claim about a person that may be given. */
export const supportedClaims: readonly string[] = ["sub", ...emailClaims, ...profileClaims];

/**
 * What a client may know of a person: by the scopes that were granted, and of those claims that it asked for one by one
 * (OpenID Connect Core s.5.4, s.5.5) the ones that a granted scope covers. What is not known is left out.
 */
export function personClaims(person: KnownPerson, scopes: readonly string[], names?: readonly string[]): Readonly<Record<string, unknown>> {
  const allowed = [...(scopes.includes("email") ? emailClaims : []), ...(scopes.includes("profile") ? profileClaims : [])];
  const given: Record<string, unknown> = {};
  for (const name of names === undefined ? allowed : allowed.filter((one) => names.includes(one))) {
    const value = valueOf(person, name);
    if (value !== undefined) given[name] = value;
  }
  return given;
}

function valueOf(person: KnownPerson, name: string): unknown {
  if (name === "email") return person.email;
  if (name === "email_verified") return person.emailVerified;
  const value = Object.hasOwn(person.metadata, name) ? person.metadata[name] : undefined;
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Names of the claims that `claims` asks for in this place. */
export function requestedClaims(claims: JsonObject | undefined, place: "userinfo" | "id_token"): readonly string[] {
  const asked = claims !== undefined && Object.hasOwn(claims, place) ? claims[place] : undefined;
  return typeof asked === "object" && asked !== null && !Array.isArray(asked) ? Object.keys(asked) : [];
}
