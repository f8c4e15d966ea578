import type { Kysely } from "kysely";
import {
  type ActedBy,
  type AuditAction,
  type AuditEntry,
  type AuditTrail,
  type Clock,
  OptionFault,
  type Store,
} from "../../../../contracts/index.ts";
import { durationForm, newId, newToken, parseDuration, sha256, tokenHint } from "../../../../primitives/index.ts";
import { type Client, hasSecret } from "./client.ts";
import { type ClientChoices, type ClientOptions, clientRow } from "./options.ts";
import { clientOf } from "./registry.ts";
import { type ClientTables, deleteClient, endSecrets, findClient, insertClient, insertSecret, listClients } from "./table.ts";

/** A client, and its secret in this answer only. */
export interface IssuedClient {
  readonly client: Client;
  /** Undefined for a client that has none: a public one, or one with keys of its own. */
  readonly secret: string | undefined;
}

/** `auth.clients`. `by` says who does it, for the audit; left out: the program itself. */
export interface Clients {
  /** Registers a client. Rejects with an OptionFault for an option that cannot be used. */
  create(options: ClientOptions, by?: ActedBy): Promise<IssuedClient>;
  /** Newest first, at most `limit` (100); `before` is the id to go on from. */
  list(filter?: { readonly limit?: number; readonly before?: string }): Promise<readonly Client[]>;
  find(id: string): Promise<Client | undefined>;
  /** The client is gone, and every token of it is refused. False: there is none. */
  delete(id: string, by?: ActedBy): Promise<boolean>;
  /**
   * A new secret; the one in use works until the overlap (`"24h"` by default, `"0"`: not at all) is over. Undefined: there
   * is no such client, or it has no secret.
   */
  rotateSecret(id: string, options?: { readonly overlap?: string }, by?: ActedBy): Promise<IssuedClient | undefined>;
}

export interface ClientsParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly environment: string;
  readonly choices: ClientChoices;
  readonly trail: AuditTrail;
  readonly change: (changedIds: readonly string[], job: (transaction: Kysely<ClientTables>) => Promise<boolean>) => Promise<boolean>;
  /** What ends every token of a client: what the feed is told, and the write. */
  readonly cutoff: (clientId: string) => { readonly changedIds: readonly string[]; write<T>(transaction: Kysely<T>): Promise<void> };
}

/** First part of every client secret. */
export const clientSecretPrefix = "lkc";

const byProgram: ActedBy = { actor: undefined, method: undefined, origin: undefined };

export function createClients(parts: ClientsParts): Clients {
  const { store, clock, trail } = parts;
  const find = findClient(store);
  const newSecret = () => newToken({ prefix: clientSecretPrefix, environment: parts.environment });
  const secretRow = (secret: string, clientId: string, at: number) => ({
    digest: sha256(secret),
    client_id: clientId,
    hint: tokenHint(secret),
    created_at: at,
    ends_at: null,
  });
  const told = (action: AuditAction, id: string, by: ActedBy, detail?: string): AuditEntry => ({
    ...by,
    action,
    outcome: "done",
    subject: id,
    credentialId: undefined,
    detail,
  });
  const findOne = async (id: string): Promise<Client | undefined> => {
    const [row] = await find(id);
    return row === undefined ? undefined : clientOf(row);
  };

  return {
    async create(options, by = byProgram) {
      const at = clock.now();
      const row = clientRow(options, newId("cli", at), at, parts.choices);
      const client = clientOf(row);
      const secret = hasSecret(client) ? newSecret() : undefined;
      await store.write<ClientTables, void>(async (transaction) => {
        await insertClient(transaction, row);
        if (secret !== undefined) await insertSecret(transaction, secretRow(secret, row.id, at));
        await trail.record(transaction, told("client.created", row.id, by, row.name));
      });
      return { client, secret };
    },
    list: async ({ limit = 100, before } = {}) =>
      (await listClients(store, { limit: Math.min(Math.max(limit, 1), 1_000), before })).map(clientOf),
    find: findOne,
    delete(id, by = byProgram) {
      const { changedIds, write } = parts.cutoff(id);
      // What was verified does not name its client: everything is judged again.
      return parts.change([...changedIds, "*"], async (transaction) => {
        if (!(await deleteClient(transaction, id))) return false;
        await write(transaction);
        await trail.record(transaction, told("client.deleted", id, by));
        return true;
      });
    },
    async rotateSecret(id, { overlap } = {}, by = byProgram) {
      const overlapMs = overlapOf(overlap);
      const client = await findOne(id);
      if (client === undefined || !hasSecret(client)) return undefined;
      const at = clock.now();
      const secret = newSecret();
      await parts.change([id], async (transaction) => {
        await endSecrets(transaction, id, at + overlapMs);
        await insertSecret(transaction, secretRow(secret, id, at));
        await trail.record(transaction, told("client.rotated", id, by));
        return true;
      });
      return { client, secret };
    },
  };
}

function overlapOf(text: string | undefined): number {
  if (text === undefined) return 86_400_000;
  if (text === "0") return 0;
  const span = typeof text === "string" ? parseDuration(text) : undefined;
  if (span === undefined) throw new OptionFault("overlap", { got: text, allowed: `${durationForm}; or 0`, example: '"24h"' });
  return span;
}
