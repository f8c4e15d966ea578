export type PrincipalKind = "user" | "client" | "service";

/** Who is calling. Frozen, and of the same shape whatever the credential was. */
export interface Principal {
  /** Stable id of the caller: `usr_…`, `cli_…`, or for a service the id of its credential. */
  readonly subject: string;
  readonly kind: PrincipalKind;
  /** Name of the method that proved it: `api-key`, `session`, … */
  readonly method: string;
  /** Id of the credential row or token; what one revokes. */
  readonly credentialId: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  /** When the person or program proved its identity, in milliseconds since the epoch. */
  readonly authenticatedAt: number;
  /** When this proof ends, in milliseconds since the epoch; undefined: not by itself. */
  readonly expiresAt: number | undefined;
  readonly assurance: Assurance;
  /** What the credential is bound to (RFC 7800 `cnf`): a certificate or a DPoP key. */
  readonly confirmation: Readonly<Record<string, string>> | undefined;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** How sure we are: authentication context and methods (OpenID Connect Core s.2, RFC 8176). */
export interface Assurance {
  readonly acr: string | undefined;
  readonly amr: readonly string[];
}

const noStrings: readonly string[] = Object.freeze([]);
const noClaims: Readonly<Record<string, unknown>> = Object.freeze({});
const noAssurance: Assurance = Object.freeze({ acr: undefined, amr: noStrings });

/**
 * What is frozen already is taken as it is: nobody can change it any more. Empty lists are one and the same: thousands of
 * principals are remembered, and the collector carries each list along.
 */
function frozenList(list: readonly string[] | undefined): readonly string[] {
  if (list === undefined || list.length === 0) return noStrings;
  return Object.isFrozen(list) ? list : Object.freeze([...list]);
}

function frozenAssurance({ acr, amr }: Assurance): Assurance {
  return acr === undefined && amr.length === 0 ? noAssurance : Object.freeze({ acr, amr });
}

function frozen<Value extends object>(value: Value): Readonly<Value> {
  return Object.isFrozen(value) ? value : Object.freeze({ ...value });
}

/** Builds a frozen principal; what is left out is empty. */
export function principal(
  facts: Pick<Principal, "subject" | "kind" | "method" | "credentialId" | "authenticatedAt"> & Partial<Principal>,
): Principal {
  return Object.freeze({
    subject: facts.subject,
    kind: facts.kind,
    method: facts.method,
    credentialId: facts.credentialId,
    scopes: frozenList(facts.scopes),
    roles: frozenList(facts.roles),
    authenticatedAt: facts.authenticatedAt,
    expiresAt: facts.expiresAt,
    assurance: facts.assurance === undefined ? noAssurance : frozenAssurance(facts.assurance),
    confirmation: facts.confirmation === undefined ? undefined : frozen(facts.confirmation),
    claims: facts.claims === undefined ? noClaims : frozen(facts.claims),
  });
}

/**
 * By which id the holder of the credential knows its subject. It is another than ours where the holder is a pairwise client
 * (OpenID Connect Core s.8): what an answer tells it of the subject is this.
 */
export function knownAs({ method, subject, claims }: Principal): string {
  const { sub } = claims;
  return method === "opaque-token" && typeof sub === "string" ? sub : subject;
}
