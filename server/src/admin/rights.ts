import type { Latchkey, Principal } from "latchkey";
import { adminRefusals } from "./refusals.ts";

/** What the API is divided into; each has a scope to read and one to change it. */
export const areas = ["overview", "users", "roles", "api-keys", "clients", "sessions", "audit", "signing-keys", "tokens"] as const;

export type Area = (typeof areas)[number];

export type Access = "read" | "write";

export const adminRole = "admin";

/** The scope with which a key may everything. */
export const everything = "admin:*";

export const scopeFor = (area: Area, access: Access): string => `admin:${area}:${access}`;

/**
 * Whether this caller may do that. A person by the role `admin`; a key by that role, or by a scope. Since anybody who signed
 * up can give a key of theirs any scope, a scope counts only where an operator made the key for a program, or its owner
 * has the role.
 */
export async function mayAdminister(auth: Latchkey, principal: Principal, area: Area, access: Access): Promise<boolean> {
  if (principal.roles.includes(adminRole)) return true;
  if (principal.method !== "api-key") return false;
  if (!principal.scopes.includes(everything) && !principal.scopes.includes(scopeFor(area, access))) return false;
  return principal.kind === "service" || (await auth.roles.of(principal.subject)).includes(adminRole);
}

/** Whether a caller that the gate let in may do all of it. */
export function isWhole(principal: Principal): boolean {
  return principal.roles.includes(adminRole) || principal.scopes.includes(everything);
}

/** A key with a part of the rights must not make itself, or anybody, an administrator, nor stop one. */
export function beyondOwn(principal: Principal, what: string) {
  if (isWhole(principal)) return undefined;
  return adminRefusals["beyond-own"]({ hint: `${what} needs the role ${adminRole} or the scope ${everything}.` });
}

/** Whether a key with these rights could administer anything. */
export function administers({ scopes = [], roles = [] }: { readonly scopes?: readonly string[]; readonly roles?: readonly string[] }) {
  return roles.includes(adminRole) || scopes.some((scope) => scope.startsWith("admin:"));
}
