import {
  type ActiveOwner,
  after,
  type Clock,
  type MaybePromise,
  OptionFault,
  type OwnerState,
  type Principal,
  type PrincipalKind,
} from "../../contracts/index.ts";
import {
  durationForm,
  isRoleName,
  isScopeToken,
  type JsonObject,
  parseDuration,
  roleForm,
  scopeForm,
  signJws,
  type SigningKey,
} from "../../primitives/index.ts";
import { isName } from "./claims.ts";
import { grantClaim, sourcesClaim } from "./own.ts";
import { betweenName, newTokenId, type Revocations } from "./revocations.ts";

/** What a token shall say. */
export interface TokenOptions {
  /** Whom it is about: an existing user that is not disabled; for `kind` client or service any stable id. */
  readonly subject?: string;
  /** Instead of `subject`: somebody whom the guard let in. The token may no more than that, and ends when it ends. */
  readonly principal?: Principal;
  /** `user` by default. */
  readonly kind?: PrincipalKind;
  /** Who may accept it; one of the configured audiences. Default: this API. */
  readonly audience?: string | readonly string[];
  /** What it may. Default: nothing that asks for a scope. */
  readonly scopes?: readonly string[];
  /** Roles of the subject that it carries. Default: all of them. */
  readonly roles?: readonly string[];
  /** `"15m"` by default. */
  readonly expiresIn?: string;
  readonly notBefore?: Date;
  /** Who holds it (`client_id`). */
  readonly clientId?: string;
  readonly sessionId?: string;
  readonly grantId?: string;
  /** Ids of credentials that it was made from: with each of them it ends. */
  readonly sources?: readonly string[];
  readonly amr?: readonly string[];
  readonly acr?: string;
  readonly authenticatedAt?: number;
  /** The person itself holds it, so that scopes do not apply: an app of one's own. */
  readonly inPerson?: boolean;
  /** What it is bound to (RFC 7800): `{ jkt }`, the thumbprint of a DPoP key. Default: what the principal's credential is bound to. */
  readonly confirmation?: Readonly<Record<string, string>>;
  /** Who acts for the subject (RFC 8693 s.4.1 `act`). */
  readonly actor?: JsonObject;
  /** Further claims. They are readable by everybody who sees the token: no secrets. */
  readonly claims?: JsonObject;
}

/** A token, shown once: nothing of it is stored. */
export interface IssuedToken {
  readonly token: string;
  /** Its `jti`; what one revokes. */
  readonly id: string;
  readonly expiresAt: number;
  readonly scopes: readonly string[] | undefined;
}

export interface IssueParts {
  readonly issuer: string;
  readonly clock: Clock;
  /** Where tokens may be for; the first is the default. */
  readonly audiences: readonly string[];
  readonly clientId: string;
  readonly defaultMs: number;
  readonly longestMs: number;
  readonly signer: () => MaybePromise<SigningKey>;
  readonly lists: {
    draw(): MaybePromise<number>;
    reference(position: number): JsonObject;
  };
  readonly revocations: Pick<Revocations, "leastIssuedAt">;
  readonly ownerState: (subject: string) => MaybePromise<OwnerState>;
}

/** Claims that only the issuer sets. */
const reserved = new Set(
  `iss sub aud exp nbf iat jti client_id scope roles sid status cnf act amr acr auth_time sub_kind ${grantClaim} ${sourcesClaim}`.split(
    " ",
  ),
);

/**
 * Makes an access token of RFC 9068 (`at+jwt`). Writes nothing; synchronous while keys, indexes and owner are at hand. Throws
 * an OptionFault for what cannot be used, an owner that may not act included. `known`: the state of the subject, where
 * the same request has asked for it already.
 */
export function issueToken(options: TokenOptions, parts: IssueParts, known?: ActiveOwner): MaybePromise<IssuedToken> {
  const wanted = checkOptions(options, parts);
  const { subject, kind } = wanted;
  const owner: MaybePromise<OwnerState | undefined> = kind === "user" ? (known ?? parts.ownerState(subject)) : undefined;
  return after(owner, (state) => {
    if (state !== undefined && state.state !== "active")
      throw new OptionFault("subject", { got: subject, allowed: "an existing user that is not disabled", example: '"usr_…"' });
    return after(parts.signer(), (key) => after(parts.lists.draw(), (position) => sign(options, wanted, state, position, key, parts)));
  });
}

interface Wanted {
  readonly subject: string;
  readonly kind: PrincipalKind;
  readonly audience: string | readonly string[];
  readonly scopes: readonly string[] | undefined;
  readonly expiresAt: number;
}

function sign(
  options: TokenOptions,
  wanted: Wanted,
  owner: ActiveOwner | undefined,
  position: number,
  key: SigningKey,
  parts: IssueParts,
): IssuedToken {
  const { principal } = options;
  const { subject, kind, scopes } = wanted;
  const clientId = options.clientId ?? parts.clientId;
  const [sessionId, grantId] = [options.sessionId, options.grantId];
  const issuedAt = Math.max(
    Math.floor(parts.clock.now() / 1_000),
    parts.revocations.leastIssuedAt([subject, clientId, sessionId, grantId, betweenName(subject, clientId)]),
    // After the password that it was made with, also within the same second.
    Math.floor((owner?.passwordChangedAt ?? -1) / 1_000) + 1,
  );
  const id = newTokenId(position);
  const roles = rolesOf(options, owner);
  const expiresAt = Math.ceil(wanted.expiresAt / 1_000) * 1_000;
  const claims = {
    iss: parts.issuer,
    sub: subject,
    aud: wanted.audience,
    client_id: clientId,
    iat: issuedAt,
    exp: Math.floor(wanted.expiresAt / 1_000),
    jti: id,
    nbf: options.notBefore === undefined ? undefined : Math.floor(options.notBefore.getTime() / 1_000),
    scope: scopes?.join(" "),
    roles: roles.length === 0 ? undefined : roles,
    sub_kind: kind === "user" ? undefined : kind,
    sid: sessionId,
    // `grantClaim` and `sourcesClaim`, written out: with names that are computed, V8 makes the object member by member in its runtime.
    grant_id: grantId,
    made_from: nonEmpty(options.sources),
    auth_time: secondsOf(options.authenticatedAt ?? principal?.authenticatedAt),
    amr: nonEmpty(options.amr ?? principal?.assurance.amr),
    acr: options.acr ?? principal?.assurance.acr,
    // Swapped for another, a bound token would be a bearer token.
    cnf: options.confirmation ?? principal?.confirmation,
    act: options.actor,
    status: parts.lists.reference(position),
  };
  // None of these has a name of ours.
  const payload = options.claims === undefined ? claims : { ...options.claims, ...claims };
  return { token: signJws(payload, "at+jwt", key), id, expiresAt: Math.min(expiresAt, claims.exp * 1_000), scopes };
}

function rolesOf(options: TokenOptions, owner: ActiveOwner | undefined): readonly string[] {
  const held = options.principal?.roles ?? owner?.roles ?? options.roles ?? [];
  return options.roles === undefined ? held : options.roles.filter((role) => held.includes(role));
}

const secondsOf = (at: number | undefined): number | undefined => (at === undefined ? undefined : Math.floor(at / 1_000));
const nonEmpty = (list: readonly string[] | undefined): readonly string[] | undefined => (list?.length === 0 ? undefined : list);

function checkOptions(options: TokenOptions, parts: IssueParts): Wanted {
  const { principal } = options;
  const subject = principal?.subject ?? options.subject;
  if (!isName(subject, 200) || (principal !== undefined && options.subject !== undefined))
    throw new OptionFault("subject", {
      got: options.subject,
      allowed: "an id of 1 to 200 characters, or a principal instead",
      example: '"usr_…"',
    });
  for (const name of Object.keys(options.claims ?? {}))
    if (reserved.has(name))
      throw new OptionFault("claims", { got: name, allowed: "names that have no option of their own", example: '{ tenant: "acme" }' });
  for (const name of ["clientId", "sessionId", "grantId", "acr"] as const)
    if (options[name] !== undefined && !isName(options[name], 200))
      throw new OptionFault(name, { got: options[name], allowed: "an id of 1 to 200 characters", example: '"cli_…"' });
  if (options.notBefore !== undefined && !(options.notBefore.getTime() >= 0))
    throw new OptionFault("notBefore", { got: options.notBefore, allowed: "a Date", example: "new Date(Date.now() + 60_000)" });
  checkList("roles", options.roles ?? [], isRoleName, roleForm);
  return {
    subject,
    kind: principal?.kind ?? options.kind ?? "user",
    audience: audienceOf(options, parts),
    scopes: options.inPerson === true ? undefined : scopesOf(options),
    expiresAt: expiryOf(options, parts),
  };
}

function audienceOf({ audience }: TokenOptions, { audiences }: IssueParts): string | readonly string[] {
  if (audience === undefined) return audiences[0]!;
  const list = typeof audience === "string" ? [audience] : audience;
  for (const one of list)
    if (!audiences.includes(one))
      throw new OptionFault("audience", {
        got: one,
        allowed: `configured audiences: ${audiences.join(", ")}`,
        example: `"${audiences[0]}"`,
      });
  if (list.length === 0) throw new OptionFault("audience", { got: audience, allowed: "at least one", example: `"${audiences[0]}"` });
  return audience;
}

function scopesOf({ scopes = [], principal }: TokenOptions): readonly string[] {
  checkList("scopes", scopes, isScopeToken, scopeForm);
  for (const scope of scopes)
    if (principal !== undefined && !principal.scopes.includes(scope))
      throw new OptionFault("scopes", {
        got: scope,
        allowed: `scopes that the principal has: ${principal.scopes.join(" ") || "none"}`,
        example: "[]",
      });
  return scopes;
}

function checkList(option: string, list: readonly string[], isGood: (text: string) => boolean, form: string): void {
  for (const one of list)
    if (typeof one !== "string" || !isGood(one)) throw new OptionFault(option, { got: one, allowed: form, example: '["posts:read"]' });
}

function expiryOf({ expiresIn, principal }: TokenOptions, parts: IssueParts): number {
  const span = expiresIn === undefined ? parts.defaultMs : typeof expiresIn === "string" ? parseDuration(expiresIn) : undefined;
  if (span === undefined || span > parts.longestMs || span < 1_000)
    throw new OptionFault("expiresIn", {
      got: expiresIn,
      allowed: `${durationForm}, from 1s to ${parts.longestMs / 1_000}s (jwt.longest)`,
      example: '"15m"',
    });
  return Math.min(parts.clock.now() + span, principal?.expiresAt ?? Infinity);
}
