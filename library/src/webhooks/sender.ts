import type { Clock, Store } from "../contracts/index.ts";
import { type ClaimLoop, createClaimLoop, countBy } from "../outbox/index.ts";
import { newId } from "../primitives/index.ts";
import { attempt, type Tried } from "./attempt.ts";
import { type Claim, claim, type DueEndpoint, dueEndpoints } from "./claim.ts";
import type { WebhookSettings } from "./options.ts";
import { writeResult } from "./results.ts";
import type { DeliveryRow, EndpointRow, WebhookTables } from "./table.ts";

export interface SenderParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly settings: WebhookSettings;
  /** The endpoints as they are now. */
  readonly endpoints: () => ReadonlyMap<string, EndpointRow>;
  /** The secrets that count at this moment. */
  readonly secretsOf: (row: EndpointRow, at: number) => readonly string[];
  /** Told of each failed try, once it is written. */
  readonly failed: (row: DeliveryRow, tried: Extract<Tried, { delivered: false }>) => Promise<void>;
  readonly onFault: (error: unknown) => void;
}

/** At one endpoint at once. A failing one gets one try at a time, and all failing ones together half of the room: */
const mostAtOnce = 8;
const pollMs = 1_000;

/** A delivery that this process claimed, and whether its endpoint was failing then. */
interface Claimed {
  readonly row: DeliveryRow;
  readonly failing: boolean;
}

/**
 * Delivers the outbox. Several processes share it by leases: who claimed a delivery has twice the time of a try, then
 * another one may. So every message is delivered at least once, however often a process is killed.
 */
export function createSender(parts: SenderParts): ClaimLoop {
  const { store, clock, settings, onFault } = parts;
  const lease = newId("whd", clock.now());

  /** How much of each endpoint there is room for: what a slow or dead one cannot take from the others. */
  function plan(due: readonly DueEndpoint[], free: number, underWay: readonly Claimed[]): readonly Claim[] {
    let room = free;
    let failingRoom = Math.max(1, Math.floor(settings.atOnce / 2)) - underWay.filter(({ failing }) => failing).length;
    const busyAt = countBy(underWay, ({ row }) => row.endpoint_id);
    const claims: Claim[] = [];
    for (const { id, failing } of due.toSorted((one, other) => Number(one.failing) - Number(other.failing))) {
      const most = Math.min(room, failing ? Math.min(1 - busyAt(id), failingRoom) : mostAtOnce - busyAt(id));
      if (most < 1 || !parts.endpoints().has(id)) continue;
      claims.push({ endpointId: id, most });
      room -= most;
      if (failing) failingRoom -= most;
    }
    return claims;
  }

  async function claimMore(room: number, underWay: readonly Claimed[]): Promise<readonly Claimed[]> {
    if (parts.endpoints().size === 0) return [];
    const due = await dueEndpoints(store, clock.now());
    const claims = plan(due, room, underWay);
    if (claims.length === 0) return [];
    const at = clock.now();
    const until = at + 2 * settings.timeoutMs;
    const rows = await store.write<WebhookTables, readonly DeliveryRow[]>((transaction) =>
      claim(transaction, claims, { at, until, lease }),
    );
    const failing = new Set(due.filter((one) => one.failing).map(({ id }) => id));
    return rows.map((row) => ({ row, failing: failing.has(row.endpoint_id) }));
  }

  async function deliver({ row }: Claimed): Promise<void> {
    const endpoint = parts.endpoints().get(row.endpoint_id);
    if (endpoint === undefined) return;
    const at = clock.now();
    const { timeoutMs, allowPrivate, retriesMs } = settings;
    const message = { id: row.message_id, type: row.event_type, body: row.body };
    const tried = await attempt(message, { url: endpoint.url, secrets: parts.secretsOf(endpoint, at), at, timeoutMs, allowPrivate });
    await store.write<WebhookTables, void>((transaction) => writeResult(transaction, row, tried, { retriesMs, at: clock.now() }));
    if (!tried.delivered) await parts.failed(row, tried);
  }

  return createClaimLoop({ claim: claimMore, attempt: deliver, atOnce: settings.atOnce, pollMs, onFault });
}
