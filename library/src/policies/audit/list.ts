import type { Store } from "../../contracts/index.ts";
import { type AuditEvent, eventOf } from "./event.ts";
import type { AuditTables } from "./table.ts";

/** Which events; what is left out does not matter. Texts are compared for equality. */
export interface AuditFilter {
  /** From this instant on, in milliseconds since the epoch. */
  readonly since?: number;
  /** Before this instant. */
  readonly until?: number;
  readonly action?: string;
  readonly outcome?: string;
  readonly actor?: string;
  readonly subject?: string;
  readonly method?: string;
  readonly credentialId?: string;
  readonly address?: string;
  readonly requestId?: string;
  /** Id of the event to go on from. */
  readonly after?: string;
}

const columns = {
  action: "action",
  outcome: "outcome",
  actor: "actor",
  subject: "subject",
  method: "method",
  credentialId: "credential_id",
  address: "address",
  requestId: "request_id",
} as const;

/** A page of events in the order of their instants, newest or oldest first. */
export async function listEvents(
  store: Store,
  filter: AuditFilter,
  { order, limit }: { readonly order: "asc" | "desc"; readonly limit: number },
): Promise<readonly AuditEvent[]> {
  const database = store.database<AuditTables>();
  let query = database
    .selectFrom("latchkey_audit_event")
    .selectAll()
    .orderBy("at", order)
    .orderBy("seq", order)
    .orderBy("id", order)
    .limit(limit);
  for (const [name, column] of Object.entries(columns) as [keyof typeof columns, (typeof columns)[keyof typeof columns]][]) {
    const wanted = filter[name];
    if (wanted !== undefined) query = query.where(column, "=", wanted);
  }
  if (filter.since !== undefined) query = query.where("at", ">=", filter.since);
  if (filter.until !== undefined) query = query.where("at", "<", filter.until);
  if (filter.after !== undefined) {
    const last = await database
      .selectFrom("latchkey_audit_event")
      .select(["at", "seq", "id"])
      .where("id", "=", filter.after)
      .executeTakeFirst();
    // Retention removes from the old end: behind an event that is gone there is nothing, before it everything.
    if (last === undefined) return order === "desc" ? [] : listEvents(store, { ...filter, after: undefined }, { order, limit });
    const beyond = order === "desc" ? "<" : ">";
    query = query.where((where) =>
      where.or([
        where("at", beyond, last.at),
        where.and([where("at", "=", last.at), where("seq", beyond, last.seq)]),
        where.and([where("at", "=", last.at), where("seq", "=", last.seq), where("id", beyond, last.id)]),
      ]),
    );
  }
  return (await query.execute()).map(eventOf);
}

const exportPage = 500;

/** Every event as a line of JSON, oldest first, read page by page. */
export async function* exportEvents(store: Store, filter: AuditFilter): AsyncGenerator<string> {
  let { after } = filter;
  for (;;) {
    const page = await listEvents(store, after === undefined ? filter : { ...filter, after }, { order: "asc", limit: exportPage });
    for (const event of page) yield `${JSON.stringify(event)}\n`;
    if (page.length < exportPage) return;
    after = page.at(-1)!.id;
  }
}

/** A refused request by its id. */
export async function findRefused(store: Store, requestId: string): Promise<AuditEvent | undefined> {
  const found = await listEvents(store, { requestId, action: "request.refused" }, { order: "asc", limit: 1 });
  return found[0];
}
