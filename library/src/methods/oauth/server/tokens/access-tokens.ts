import { type ActiveOwner, type Clock, isPromise, type MaybePromise, type PrincipalKind } from "../../../../contracts/index.ts";
import type { Kysely } from "kysely";
import type { JsonObject } from "../../../../primitives/index.ts";
import type { Client } from "../clients/index.ts";
import type { TokenFormatOf } from "./token-format.ts";

/** What an access token shall say. Everything in it has been judged before. */
export interface AccessTokenFacts {
  readonly client: Client;
  /** A user, or for `client` the client itself. */
  readonly subject: string;
  /** The state of a user, where it was just asked for; left out: it is asked for. */
  readonly owner?: ActiveOwner | undefined;
  readonly kind: PrincipalKind;
  readonly scopes: readonly string[];
  /** Where it is for (RFC 8707); empty: the default audience. */
  readonly resources: readonly string[];
  /** Of a client its own; of a user those that this client may use in its name. */
  readonly roles: readonly string[];
  readonly grantId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly authenticatedAt?: number | undefined;
  readonly acr?: string | undefined;
  readonly amr?: readonly string[] | undefined;
  /** What it is bound to (RFC 7800): `{ jkt }` or `{ "x5t#S256" }`. */
  readonly confirmation?: Readonly<Record<string, string>> | undefined;
  /** Who acts for the subject (RFC 8693 s.4.1). */
  readonly actor?: JsonObject | undefined;
  /** Who alone may act for the subject (RFC 8693 s.4.4). */
  readonly mayAct?: JsonObject | undefined;
  /** Ids of the tokens that it was exchanged for: with each of them it ends. */
  readonly sources?: readonly string[] | undefined;
  /** When it has ended at the latest, in milliseconds since the epoch. */
  readonly noLaterThan?: number | undefined;
}

/** An access token for one answer. */
export interface IssuedAccessToken {
  readonly token: string;
  readonly id: string;
  readonly expiresAt: number;
  /** Makes it durable, where it has a row: in the transaction of what it comes of. */
  readonly write: (<Tables>(transaction: Kysely<Tables>) => Promise<void>) | undefined;
}

export type IssueAccessToken = (facts: AccessTokenFacts) => MaybePromise<IssuedAccessToken>;

/** A signed token, made elsewhere. */
export interface JwtRequest {
  readonly subject: string;
  readonly kind: PrincipalKind;
  readonly audience?: readonly string[] | string | undefined;
  readonly scopes: readonly string[];
  readonly clientId: string;
  readonly roles: readonly string[];
  readonly grantId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly authenticatedAt?: number | undefined;
  readonly acr?: string | undefined;
  readonly amr?: readonly string[] | undefined;
  readonly confirmation?: Readonly<Record<string, string>> | undefined;
  readonly actor?: JsonObject | undefined;
  readonly sources?: readonly string[] | undefined;
  readonly claims?: JsonObject | undefined;
  readonly expiresIn?: string | undefined;
}

export interface AccessTokenParts {
  readonly clock: Clock;
  /** How long a token lives where nothing shortens it. */
  readonly lifeMs: number;
  readonly issueJwt: (
    request: JwtRequest,
    owner: ActiveOwner | undefined,
  ) => MaybePromise<{ readonly token: string; readonly id: string; readonly expiresAt: number }>;
  readonly issueOpaque: IssueAccessToken;
  readonly formatOf: TokenFormatOf;
}

/** Makes access tokens in the form that client and resource want. */
export function createIssueAccessToken({ clock, lifeMs, issueJwt, issueOpaque, formatOf }: AccessTokenParts): IssueAccessToken {
  return (facts) => {
    if (formatOf(facts.client, facts.resources) === "opaque") return issueOpaque(facts);
    const leftMs = (facts.noLaterThan ?? Infinity) - clock.now();
    const expiresIn = leftMs < lifeMs ? `${Math.max(1, Math.floor(leftMs / 1_000))}s` : undefined;
    const issued = issueJwt(jwtRequest(facts, expiresIn), facts.owner);
    return isPromise(issued) ? issued.then(durable) : durable(issued);
  };
}

function jwtRequest(facts: AccessTokenFacts, expiresIn: string | undefined): JwtRequest {
  const { client, resources, mayAct } = facts;
  return {
    subject: facts.subject,
    kind: facts.kind,
    audience: resources.length === 0 ? undefined : resources.length === 1 ? resources[0]! : resources,
    scopes: facts.scopes,
    clientId: client.id,
    roles: facts.roles,
    grantId: facts.grantId,
    sessionId: facts.sessionId,
    authenticatedAt: facts.authenticatedAt,
    acr: facts.acr,
    amr: facts.amr,
    confirmation: facts.confirmation,
    actor: facts.actor,
    sources: facts.sources,
    claims: mayAct === undefined ? undefined : { may_act: mayAct },
    expiresIn,
  };
}

/** A signed token needs no row. */
function durable({ token, id, expiresAt }: { readonly token: string; readonly id: string; readonly expiresAt: number }): IssuedAccessToken {
  return { token, id, expiresAt, write: undefined };
}
