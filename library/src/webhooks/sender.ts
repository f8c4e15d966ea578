import type { Clock, Store } from "../contracts/index.ts";
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
  /** An endpoint as it is now; undefined: it is gone. */
  readonly endpoint: (id: string) => EndpointRow | undefined;
  /** The secrets that count at this moment. */
  readonly secretsOf: (row: EndpointRow, at: number) => readonly string[];
  /** Told of each failed try, once it is written. */
  readonly failed: (row: DeliveryRow, tried: Extract<Tried, { delivered: false }>) => Promise<void>;
  readonly onFault: (error: unknown) => void;
}

export interface Sender {
  /** Begins tries for what is due, as many as there is room for; each that ends makes room for the next. */
  wake(): void;
  /** Delivers until nothing is due and nothing under way, and answers how many tries that took. */
  drain(): Promise<number>;
  /** Begins nothing new, and resolves when what is under way has ended. */
  stop(): Promise<void>;
}

/** At one endpoint at once. A failing one gets one try at a time, and all failing ones together half of the room: */
const mostAtOnce = 8;

/**
 * Delivers the outbox. Several processes share it by leases: who claimed a delivery has twice the time of a try, then
 * another one may. So every message is delivered at least once, however often a process is killed.
 */
export function createSender(parts: SenderParts): Sender {
  const { store, clock, settings } = parts;
  const lease = newId("whd", clock.now());
  const busy = new Map<string, number>();
  const underWay = new Set<Promise<void>>();
  let failingUnderWay = 0;
  let claiming: Promise<number> | undefined;
  let again = false;
  let begun = 0;
  let stopped = false;

  /** How much of each endpoint there is room for: what a slow or dead one cannot take from the others. */
  function plan(due: readonly DueEndpoint[]): readonly Claim[] {
    let room = settings.atOnce - underWay.size;
    let failingRoom = Math.max(1, Math.floor(settings.atOnce / 2)) - failingUnderWay;
    const claims: Claim[] = [];
    for (const { id, failing } of due.toSorted((one, other) => Number(one.failing) - Number(other.failing))) {
      const most = Math.min(room, failing ? Math.min(1, failingRoom) : mostAtOnce) - (busy.get(id) ?? 0);
      if (most < 1 || parts.endpoint(id) === undefined) continue;
      claims.push({ endpointId: id, most });
      room -= most;
      if (failing) failingRoom -= most;
    }
    return claims;
  }

  async function claimMore(): Promise<number> {
    if (stopped || underWay.size >= settings.atOnce) return 0;
    const due = await dueEndpoints(store, clock.now());
    const claims = plan(due);
    if (claims.length === 0) return 0;
    const at = clock.now();
    const until = at + 2 * settings.timeoutMs;
    const rows = await store.write<WebhookTables, readonly DeliveryRow[]>((transaction) =>
      claim(transaction, claims, { at, until, lease }),
    );
    const failing = new Set(due.filter((one) => one.failing).map(({ id }) => id));
    for (const row of rows) begin(row, failing.has(row.endpoint_id));
    return rows.length;
  }

  function begin(row: DeliveryRow, failing: boolean): void {
    begun += 1;
    busy.set(row.endpoint_id, (busy.get(row.endpoint_id) ?? 0) + 1);
    if (failing) failingUnderWay += 1;
    const trying = deliver(row)
      .catch(parts.onFault)
      .finally(() => {
        const left = busy.get(row.endpoint_id)! - 1;
        if (left === 0) busy.delete(row.endpoint_id);
        else busy.set(row.endpoint_id, left);
        if (failing) failingUnderWay -= 1;
        underWay.delete(trying);
        wake();
      });
    underWay.add(trying);
  }

  async function deliver(row: DeliveryRow): Promise<void> {
    const endpoint = parts.endpoint(row.endpoint_id);
    if (endpoint === undefined) return;
    const at = clock.now();
    const { timeoutMs, allowPrivate, retriesMs } = settings;
    const message = { id: row.message_id, type: row.event_type, body: row.body };
    const tried = await attempt(message, { url: endpoint.url, secrets: parts.secretsOf(endpoint, at), at, timeoutMs, allowPrivate });
    await store.write<WebhookTables, void>((transaction) => writeResult(transaction, row, tried, { retriesMs, at: clock.now() }));
    if (!tried.delivered) await parts.failed(row, tried);
  }

  /** One claim at a time: two would take the same room for granted. */
  function claimOnce(): Promise<number> {
    claiming ??= claimMore().finally(() => {
      claiming = undefined;
      const wanted = again;
      again = false;
      if (wanted) wake();
    });
    return claiming;
  }

  function wake(): void {
    // Room or messages that come while a claim is under way are for the next one.
    if (claiming !== undefined) again = true;
    else if (!stopped) claimOnce().catch(parts.onFault);
  }

  return {
    wake,
    async drain() {
      const before = begun;
      for (;;) {
        const claimed = await claimOnce();
        if (underWay.size > 0) await Promise.race(underWay);
        else if (claimed === 0 && claiming === undefined) return begun - before;
      }
    },
    async stop() {
      stopped = true;
      await claiming?.catch(() => undefined);
      await Promise.all(underWay);
    },
  };
}
