import type { Kysely } from "kysely";
import type { AuditAction, AuditListener, Clock } from "../../../../contracts/index.ts";
import { newId } from "../../../../primitives/index.ts";
import type { Client } from "../clients/index.ts";
import { insertDelivery, pruneParties, putParty, takeParties } from "./table.ts";

/**
 * Who is to be told of which logout (OpenID Connect Back-Channel Logout 1.0). Hears of the end of sessions from the audit,
 * in the transaction that ends them: whoever ended it, and why, the session is over and its clients will be told, or neither.
 */
export interface LogoutOutbox extends AuditListener {
  /** Notes that a client learns of a session, in the transaction of the code by which it does. */
  join<T>(transaction: Kysely<T>, client: Pick<Client, "id" | "metadata">, person: JoinedPerson): Promise<void>;
  /** Called when somebody is to be told; the transaction may not have ended yet. */
  onQueued(listener: () => void): void;
}

interface JoinedPerson {
  readonly subject: string;
  readonly sessionId: string | undefined;
}

interface LogoutOutboxParts {
  readonly clock: Clock;
  /** Longest life of a session. */
  readonly sessionMs: number;
}

/** Acts that end one session, and acts that end every session of a user. */
const endsOne: AuditAction = "session.ended";
const endsAll: readonly AuditAction[] = ["user.disabled", "user.deleted"];
const pruneEvery = 64;

export function createLogoutOutbox({ clock, sessionMs }: LogoutOutboxParts): LogoutOutbox {
  let queued: () => void = () => undefined;
  let joined = 0;

  async function queue<T>(transaction: Kysely<T>, which: "session_id" | "subject", value: string): Promise<void> {
    const at = clock.now();
    const parties = await takeParties(transaction, which, value);
    for (const { session_id, client_id, subject } of parties)
      await insertDelivery(transaction, { id: newId("lgo", at), client_id, session_id, subject, attempts: 0, due_at: at, lease_until: 0 });
    if (parties.length > 0) queued();
  }

  return {
    async join(transaction, { id, metadata }, { subject, sessionId }) {
      if (metadata["backchannel_logout_uri"] === undefined || sessionId === undefined) return;
      const at = clock.now();
      await putParty(transaction, { session_id: sessionId, client_id: id, subject, ends_at: at + sessionMs });
      joined += 1;
      if (joined % pruneEvery === 0) await pruneParties(transaction, at);
    },
    wants: (action) => action === endsOne || endsAll.includes(action),
    async record(transaction, events) {
      for (const { action, credentialId, subject, outcome } of events) {
        if (outcome !== "done") continue;
        if (action === endsOne && credentialId !== undefined) await queue(transaction, "session_id", credentialId);
        if (endsAll.includes(action) && subject !== undefined) await queue(transaction, "subject", subject);
      }
    },
    onQueued: (listener) => (queued = listener),
  };
}
