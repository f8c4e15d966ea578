import type { DecisionEvent, EventSink } from "../../contracts/index.ts";
import { decisionOf, eventOf, refusalRow } from "./event.ts";
import { createRing } from "./ring.ts";
import type { EventRow } from "./table.ts";

/** The last decisions of a gate that has no store: what `explain` can tell of them. */
export interface RecentDecisions {
  readonly events: EventSink;
  explain(requestId: string): DecisionEvent | undefined;
}

const mostAllowed = 4_096;
const mostRefused = 4_096;

/**
 * Keeps the last thousands of allowed and, apart from them, of refused requests, in memory alone: those of one kind cannot
 * push out the others. What a client chose is clipped, escaped and scrubbed as in the audit log.
 */
export function createRecentDecisions(onDecision: ((event: DecisionEvent) => void) | undefined): RecentDecisions {
  const ring = createRing(mostAllowed);
  const refused = new Map<string, EventRow>();
  return {
    events: {
      allowed: ring.put,
      refused(event) {
        onDecision?.(event);
        const row = refusalRow(event);
        refused.set(row.request_id!, row);
        if (refused.size > mostRefused) refused.delete(refused.keys().next().value!);
      },
    },
    explain(requestId) {
      const row = refused.get(requestId);
      return row === undefined ? ring.find(requestId) : decisionOf(eventOf(row));
    },
  };
}
