import type { Challenge } from "../contracts/index.ts";
import { quote } from "../primitives/index.ts";

/** Writes `WWW-Authenticate` (RFC 9110 s.11.6.1), one challenge a scheme, in the order given. */
export function formatChallenges(challenges: readonly Challenge[]): string {
  const byScheme = new Map<string, Record<string, string>>();
  for (const { scheme, parameters } of challenges) byScheme.set(scheme, { ...byScheme.get(scheme), ...parameters });
  return [...byScheme].map(([scheme, parameters]) => formatChallenge(scheme, parameters)).join(", ");
}

function formatChallenge(scheme: string, parameters: Readonly<Record<string, string>>): string {
  const list = Object.entries(parameters).map(([name, value]) => `${name}=${quote(value)}`);
  return list.length === 0 ? scheme : `${scheme} ${list.join(", ")}`;
}
