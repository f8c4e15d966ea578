import type { ProvenIdentity, ProviderTokens } from "../../../../contracts/index.ts";
import { ProviderProblem } from "../provider.ts";
import type { Profile } from "./row.ts";

interface Read {
  readonly provider: string;
  readonly issuer: string;
  readonly profile: Profile;
  readonly trustEmail: boolean;
  readonly tokens: ProviderTokens;
}

/** A profile held to its form. Only the subject must be there; of the rest, what is odd is left out. */
export function identityOf({ provider, issuer, profile, trustEmail, tokens }: Read): ProvenIdentity {
  const subject = subjectOf(profile.subject);
  if (subject === undefined) throw new ProviderProblem("invalid", "the profile says of nobody whose it is");
  const email = typeof profile.email === "string" && profile.email.length <= 254 ? profile.email : undefined;
  return {
    provider,
    issuer,
    subject,
    email,
    emailVerified: email !== undefined && (profile.emailVerified || trustEmail),
    name: nameOf(profile.name),
    tokens,
  };
}

/** Ids are texts or whole numbers, and `7` is `"7"`: one form, whichever the provider writes. A number beyond 2^53 has lost digits. */
function subjectOf(value: unknown): string | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : undefined;
  return typeof value === "string" && /^[\x21-\x7e]{1,255}$/.test(value) ? value : undefined;
}

/** One short line, to be looked at. */
function nameOf(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const line = value
    .slice(0, 400)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ")
    .trim()
    .slice(0, 100);
  return line === "" ? undefined : line;
}
