import type { Kysely } from "kysely";
import {
  type ActedBy,
  type AuditAction,
  type AuditTrail,
  type Clock,
  OptionFault,
  type Refusal,
  type Store,
} from "../../../../contracts/index.ts";
import { newId, newToken, sameSecret, sha256, tokenHint } from "../../../../primitives/index.ts";
import {
  type Client,
  type ClientChoices,
  type ClientOptions,
  clientOf,
  clientRow,
  type Clients,
  clientSecretPrefix,
  type ClientTables,
  hasSecret,
  insertClient,
  insertSecret,
  type KnownClient,
  updateClient,
} from "../clients/index.ts";
import { oauthRefusals } from "../refusals.ts";
import { bad, badUri } from "./client-metadata.ts";
import {
  deleteRegistration,
  expiredRegistrations,
  findRegistration,
  insertRegistration,
  markUsed,
  type RegistrationTables,
} from "./table.ts";

/** A client that registered itself; its secrets are in this answer only. */
export interface Registered {
  readonly client: Client;
  readonly secret: string | undefined;
  /** What it manages its registration with (RFC 7592). */
  readonly token: string;
}

export interface Registrations {
  register(options: ClientOptions, by: ActedBy): Promise<Registered | Refusal>;
  /** The client that this registration access token is of; undefined: of none. */
  find(clientId: string, token: string): Promise<Client | undefined>;
  /** The registration as it shall be from now on; what is left out is gone (RFC 7592 s.2.2). Undefined: it was deleted meanwhile. */
  replace(client: Client, options: ClientOptions, by: ActedBy): Promise<Client | Refusal | undefined>;
  delete(clientId: string, by: ActedBy): Promise<void>;
  /** A client that registered itself was let in: it stays from now on, or is refused where it came too late. */
  used(client: KnownClient, at: number): Promise<Refusal | undefined>;
}

export interface RegistrationParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly environment: string;
  readonly choices: ClientChoices;
  readonly trail: AuditTrail;
  readonly clients: Pick<Clients, "find" | "delete">;
  readonly change: (changedIds: readonly string[], job: (transaction: Kysely<ClientTables>) => Promise<boolean>) => Promise<boolean>;
}

/** A registration that nobody used for so long goes. */
const unusedMs = 7 * 86_400_000;
const mostSeen = 10_000;

export function createRegistrations(parts: RegistrationParts): Registrations {
  const { store, clock, choices, trail, clients, environment } = parts;
  /** Used already: not asked again. Bounded by beginning anew. */
  const seen = new Set<string>();
  const told = (action: AuditAction, client: Client, by: ActedBy) =>
    ({
      ...by,
      action,
      outcome: "done",
      subject: client.id,
      credentialId: undefined,
      detail: `${client.name} (registered itself)`,
    }) as const;

  async function prune(at: number, by: ActedBy): Promise<void> {
    for (const id of await expiredRegistrations(store, at)) await end(id, { ...by, actor: undefined, method: undefined });
  }

  async function end(id: string, by: ActedBy): Promise<void> {
    await clients.delete(id, by);
    await store.write<RegistrationTables, void>((transaction) => deleteRegistration(transaction, id));
  }

  return {
    async register(options, by) {
      const at = clock.now();
      const row = checked(() => clientRow(marked(options), newId("cli", at), at, choices));
      if ("refused" in row) return row;
      await prune(at, by);
      const client = clientOf(row);
      const secret = hasSecret(client) ? newToken({ prefix: clientSecretPrefix, environment }) : undefined;
      const token = newToken({ prefix: "lkm", environment });
      const registration = { client_id: row.id, token_digest: sha256(token), expires_at: at + unusedMs, used_at: null };
      await store.write<ClientTables & RegistrationTables, void>(async (transaction) => {
        await insertClient(transaction, row);
        if (secret !== undefined)
          await insertSecret(transaction, {
            digest: sha256(secret),
            client_id: row.id,
            hint: tokenHint(secret),
            created_at: at,
            ends_at: null,
          });
        await insertRegistration(transaction, registration);
        await trail.record(transaction, told("client.created", client, by));
      });
      return { client, secret, token };
    },
    async find(clientId, token) {
      const row = await findRegistration(store, clientId);
      if (!sameSecret(row?.token_digest ?? "", sha256(token)) || row === undefined) return undefined;
      if (row.used_at === null && row.expires_at <= clock.now()) return undefined;
      return clients.find(clientId);
    },
    async replace(client, options, by) {
      const row = checked(() => clientRow(marked(options), client.id, client.createdAt, choices));
      if ("refused" in row) return row;
      const next = clientOf(row);
      // Its secret is of this way; another would have none.
      if (next.authentication !== client.authentication) return bad("token_endpoint_auth_method cannot be changed: register anew.");
      const stood = await parts.change([client.id], async (transaction) => {
        if (!(await updateClient(transaction, row))) return false;
        await trail.record(transaction, told("client.updated", next, by));
        return true;
      });
      return stood ? next : undefined;
    },
    delete: end,
    async used(client, at) {
      if (seen.has(client.id)) return undefined;
      await store.write<RegistrationTables, void>((transaction) => markUsed(transaction, client.id, at));
      const row = await findRegistration(store, client.id);
      if (row === undefined || row.used_at === null)
        return oauthRefusals["invalid-client"]({ detail: `${client.id} registered itself, and did not come back in time` });
      if (seen.size >= mostSeen) seen.clear();
      seen.add(client.id);
      return undefined;
    },
  };
}

/** Which clients came by themselves stands in their metadata, which no request can name: it reads known members only. */
function marked(options: ClientOptions): ClientOptions {
  return { ...options, metadata: { ...options.metadata, registered: "by-itself" } };
}

/** Options that cannot be used are the client's mistake here, not ours. */
function checked<T>(make: () => T): T | Refusal {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof OptionFault)) throw error;
    return error.option === "redirectUris" ? badUri(error.message) : bad(error.message);
  }
}
