import type { AuditTrail, Clock, Store } from "../../../../contracts/index.ts";
import type { ClientSource } from "../clients/index.ts";
import type { IssueLogoutToken } from "./logout-token.ts";
import { claimDeliveries, deleteDelivery, type DeliveryRow, dueClients, type LogoutTables, postponeDelivery } from "./table.ts";

export interface LogoutSenderParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly trail: AuditTrail;
  readonly clients: ClientSource;
  readonly issue: IssueLogoutToken;
  /** Posts a form to an address that a client chose, and answers the status. Rejects when it could not be asked. */
  readonly post: (url: string, form: string) => Promise<{ readonly status: number }>;
  readonly onFault: (error: unknown) => void;
}

export interface LogoutSender {
  /** Begins what is due, as much as there is room for. */
  wake(): void;
  /** Tells until nothing is due and nothing under way. */
  drain(): Promise<void>;
  /** Begins nothing new, and resolves when what is under way has ended. */
  stop(): Promise<void>;
}

/** After each try that failed; then it is given up: the tokens of the session are dead all the while. */
const retriesMs = [5_000, 60_000, 600_000, 3_600_000];
const mostAtOnce = 32;
/** At one client at once: what a slow or dead one cannot take from the others. */
const mostAtOne = 4;
/** Longer than a try may take. */
const leaseMs = 30_000;

/** Tells clients of logouts. Several processes share it by leases: each is told at least once, however often one is killed. */
export function createLogoutSender(parts: LogoutSenderParts): LogoutSender {
  const { store, clock } = parts;
  const busy = new Map<string, number>();
  const underWay = new Set<Promise<void>>();
  let claiming: Promise<number> | undefined;
  let again = false;
  let stopped = false;

  async function claimMore(): Promise<number> {
    if (stopped || underWay.size >= mostAtOnce) return 0;
    const at = clock.now();
    const due = await dueClients(store, at);
    let room = mostAtOnce - underWay.size;
    let claimed = 0;
    for (const clientId of due) {
      const most = Math.min(room, mostAtOne - (busy.get(clientId) ?? 0));
      if (most < 1) continue;
      const rows = await store.write<LogoutTables, readonly DeliveryRow[]>((transaction) =>
        claimDeliveries(transaction, clientId, { at, until: at + leaseMs, most }),
      );
      for (const row of rows) begin(row);
      room -= rows.length;
      claimed += rows.length;
    }
    return claimed;
  }

  function begin(row: DeliveryRow): void {
    busy.set(row.client_id, (busy.get(row.client_id) ?? 0) + 1);
    const trying = tell(row, parts)
      .catch(parts.onFault)
      .finally(() => {
        const left = busy.get(row.client_id)! - 1;
        if (left === 0) busy.delete(row.client_id);
        else busy.set(row.client_id, left);
        underWay.delete(trying);
        wake();
      });
    underWay.add(trying);
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
    if (claiming !== undefined) again = true;
    else if (!stopped) claimOnce().catch(parts.onFault);
  }

  return {
    wake,
    async drain() {
      for (;;) {
        const claimed = await claimOnce();
        if (underWay.size > 0) await Promise.race(underWay);
        else if (claimed === 0 && claiming === undefined) return;
      }
    },
    async stop() {
      stopped = true;
      await claiming?.catch(() => undefined);
      await Promise.all(underWay);
    },
  };
}

async function tell(row: DeliveryRow, parts: LogoutSenderParts): Promise<void> {
  const { store, clock, trail } = parts;
  const problem = await attempt(row, parts);
  const retryMs = problem === undefined ? undefined : retriesMs[row.attempts - 1];
  await store.write<LogoutTables, void>((transaction) =>
    retryMs === undefined ? deleteDelivery(transaction, row.id) : postponeDelivery(transaction, row.id, clock.now() + retryMs),
  );
  if (problem === undefined || retryMs !== undefined) return;
  const told = { action: "logout.undelivered", outcome: "undelivered", actor: undefined, method: undefined } as const;
  trail.note({ ...told, origin: undefined, subject: row.subject, credentialId: row.session_id, detail: `${row.client_id}: ${problem}` });
}

/** What went wrong; undefined: the client knows, or is gone, or no longer wants to know. */
async function attempt({ client_id, subject, session_id }: DeliveryRow, parts: LogoutSenderParts): Promise<string | undefined> {
  const client = await parts.clients.find(client_id);
  const uri = client?.metadata["backchannel_logout_uri"];
  if (client === undefined || typeof uri !== "string") return undefined;
  // A new token each time: its jti counts once, and its two minutes begin now.
  const token = await parts.issue(client, { subject, sessionId: session_id });
  try {
    const { status } = await parts.post(uri, new URLSearchParams({ logout_token: token }).toString());
    return status >= 200 && status < 300 ? undefined : `answered ${status}`;
  } catch (error) {
    return (error instanceof Error ? error.message : "could not be asked").slice(0, 200);
  }
}
