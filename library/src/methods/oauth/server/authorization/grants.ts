import type { Kysely } from "kysely";
import { type ActedBy, type AuditTrail, type Clock, isPromise, type MaybePromise, type Store } from "../../../../contracts/index.ts";
import { newId } from "../../../../primitives/index.ts";
import { agreedText, type Agreement, coversAll, readAgreed, withAgreed } from "./agreement.ts";
import type { AuthorizationRequest } from "./request.ts";
import {
  claimConsent,
  type ConsentRow,
  deleteConsent,
  listConsents,
  preparedReads,
  revokeGrant,
  revokeGrantsOf,
  updateConsent,
} from "./table.ts";

/** What a person has agreed to. */
export interface Consent {
  readonly id: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly resources: readonly string[];
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface GrantParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly trail: AuditTrail;
  /** What a token is for where the client names no resource. */
  readonly audience: string;
  readonly change: (changedIds: readonly string[], job: (transaction: Kysely<unknown>) => Promise<boolean>) => Promise<boolean>;
  /** What ends the tokens of a name: what the feed is told, and the write. */
  readonly cutoff: (name: string) => { readonly changedIds: readonly string[]; write<T>(transaction: Kysely<T>): Promise<void> };
  /** The name of everything that this subject granted to this client. */
  readonly between: (subject: string, clientId: string) => string;
  /** Ends refresh tokens in the transaction of the caller: of one grant, or of all between a subject and a client. */
  readonly endFamily: <T>(transaction: Kysely<T>, grantId: string) => Promise<unknown>;
  readonly endFamilies: <T>(transaction: Kysely<T>, subject: string, clientId: string) => Promise<unknown>;
}

/** Who was allowed what. */
interface Agreed extends Pick<AuthorizationRequest, "scopes" | "resources"> {
  readonly client: Pick<AuthorizationRequest["client"], "id">;
}

/** What people granted to clients, and what they agreed to. */
export interface Grants {
  /** Whether a grant stands; undefined: there is none of this id. */
  stands(id: string): MaybePromise<boolean | undefined>;
  /** Ends a grant with all tokens that came of it. False: it had ended, or never was. */
  revoke(grant: { readonly id: string; readonly subject: string }, detail: string, by: ActedBy): Promise<boolean>;
  /** Whether this person has agreed to everything that this client asks for, for each API that it asks for. */
  agreed(subject: string, request: Agreed): MaybePromise<boolean>;
  /** Notes a consent, beside what was agreed to before. In the transaction of the code that comes of it. */
  consent<T>(transaction: Kysely<T>, subject: string, request: Agreed, by: ActedBy): Promise<void>;
  list(subject: string): Promise<readonly Consent[]>;
  /** Takes a consent back: every token that this person gave the client ends. False: there is none. */
  withdraw(subject: string, id: string, by: ActedBy): Promise<boolean>;
}

export function createGrants(parts: GrantParts): Grants {
  const { store, clock, trail } = parts;
  const reads = preparedReads(store);

  const asked = ({ scopes, resources }: Agreed): Agreement => {
    const audiences = resources.length === 0 ? [parts.audience] : resources;
    return new Map(audiences.map((audience) => [audience, scopes]));
  };

  return {
    stands(id) {
      const rows = reads.grant(id);
      const judge = (list: readonly { readonly revoked_at: number | null }[]) =>
        list[0] === undefined ? undefined : list[0].revoked_at === null;
      return isPromise(rows) ? rows.then(judge) : judge(rows);
    },
    revoke({ id, subject }, detail, by) {
      const { changedIds, write } = parts.cutoff(id);
      return parts.change(changedIds, async (transaction) => {
        if (!(await revokeGrant(transaction, id, clock.now()))) return false;
        await parts.endFamily(transaction, id);
        await write(transaction);
        await trail.record(transaction, { action: "grant.revoked", outcome: "done", ...by, subject, credentialId: id, detail });
        return true;
      });
    },
    agreed(subject, request) {
      const judge = ([row]: readonly ConsentRow[]) => coversAll(readAgreed(row?.agreed), asked(request));
      const rows = reads.consent(subject, request.client.id);
      return isPromise(rows) ? rows.then(judge) : judge(rows);
    },
    async consent(transaction, subject, request, by) {
      const { client, scopes, resources } = request;
      const at = clock.now();
      const times = { created_at: at, updated_at: at };
      const lists = { scopes: JSON.stringify(scopes), resources: JSON.stringify(resources), agreed: agreedText(asked(request)) };
      // What was agreed to before stays, also what is agreed to at another node at this moment.
      const kept = await claimConsent(transaction, { id: newId("grt", at), subject, client_id: client.id, ...lists, ...times });
      await updateConsent(transaction, kept.id, {
        scopes: joined(kept.scopes, scopes),
        resources: joined(kept.resources, resources),
        agreed: agreedText(withAgreed(readAgreed(kept.agreed), asked(request))),
      });
      const { id } = kept;
      const detail = `${client.id}: ${scopes.join(" ")}`;
      await trail.record(transaction, { action: "consent.given", outcome: "done", ...by, subject, credentialId: id, detail });
    },
    list: async (subject) => (await listConsents(store, subject)).map((row) => consentOf(row)),
    async withdraw(subject, id, by) {
      const consent = (await listConsents(store, subject)).find((row) => row.id === id);
      if (consent === undefined) return false;
      const { changedIds, write } = parts.cutoff(parts.between(subject, consent.client_id));
      // What was verified does not name the pair: everything is judged again.
      return parts.change([...changedIds, "*"], async (transaction) => {
        if ((await deleteConsent(transaction, subject, id)) === undefined) return false;
        await revokeGrantsOf(transaction, subject, consent.client_id, clock.now());
        await parts.endFamilies(transaction, subject, consent.client_id);
        await write(transaction);
        const detail = consent.client_id;
        await trail.record(transaction, { action: "consent.withdrawn", outcome: "done", ...by, subject, credentialId: id, detail });
        return true;
      });
    },
  };
}

/** A stored list with these beside it. */
const joined = (stored: string, more: readonly string[]): string =>
  JSON.stringify([...new Set([...(JSON.parse(stored) as string[]), ...more])]);

function consentOf(row: ConsentRow): Consent {
  return {
    id: row.id,
    clientId: row.client_id,
    scopes: JSON.parse(row.scopes) as string[],
    resources: JSON.parse(row.resources) as string[],
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
