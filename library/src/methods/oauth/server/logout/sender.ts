import type { AuditTrail, Clock, Store } from "../../../../contracts/index.ts";
import { type ClaimLoop, createClaimLoop, countBy } from "../../../../outbox/index.ts";
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

/** After each try that failed; then it is given up: the tokens of the session are dead all the while. */
const retriesMs = [5_000, 60_000, 600_000, 3_600_000];
const mostAtOnce = 32;
/** At one client at once: what a slow or dead one cannot take from the others. */
const mostAtOne = 4;
/** Longer than a try may take. */
const leaseMs = 30_000;
const pollMs = 5_000;

/** Tells clients of logouts. Several processes share it by leases: each is told at least once, however often one is killed. */
export function createLogoutSender(parts: LogoutSenderParts): ClaimLoop {
  const { store, clock, onFault } = parts;

  async function claim(free: number, underWay: readonly DeliveryRow[]): Promise<readonly DeliveryRow[]> {
    const at = clock.now();
    const busyAt = countBy(underWay, ({ client_id }) => client_id);
    const claimed: DeliveryRow[] = [];
    for (const clientId of await dueClients(store, at)) {
      const most = Math.min(free - claimed.length, mostAtOne - busyAt(clientId));
      if (most < 1) continue;
      const rows = await store.write<LogoutTables, readonly DeliveryRow[]>((transaction) =>
        claimDeliveries(transaction, clientId, { at, until: at + leaseMs, most }),
      );
      claimed.push(...rows);
    }
    return claimed;
  }

  return createClaimLoop({ claim, attempt: (row) => tell(row, parts), atOnce: mostAtOnce, pollMs, onFault });
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
