import type { AuditEvent, AuditFilter } from "latchkey";
import { type Input, type OptionSpec, text } from "../arguments.ts";
import { UsageError } from "../usage.ts";

/** Options by which `audit list` and `audit tail` choose. */
export const filterOptions: readonly OptionSpec[] = [
  { name: "since", value: "TIME", describe: "from then on: an instant (2026-11-24T09:00:00Z), or so long ago (24h)" },
  { name: "until", value: "TIME", describe: "before then" },
  { name: "action", value: "ACTION", describe: "what was done: request.refused, api-key.revoked, …" },
  { name: "outcome", value: "CODE", describe: "done, or the code of a refusal" },
  { name: "actor", value: "ID", describe: "who did it" },
  { name: "subject", value: "ID", describe: "whom it concerns" },
  { name: "method", value: "NAME", describe: "the method that proved it: api-key, session, …" },
  { name: "credential", value: "ID", describe: "the credential it made, used or ended" },
  { name: "address", value: "ADDRESS", describe: "where it came from" },
  { name: "request", value: "ID", describe: "the X-Request-Id of the answer" },
];

const fields = {
  action: "action",
  outcome: "outcome",
  actor: "actor",
  subject: "subject",
  method: "method",
  credential: "credentialId",
  address: "address",
  request: "requestId",
  after: "after",
} as const;

/** Reads the filter. `now` is what spans count back from. Throws a UsageError that names the option. */
export function readFilter(input: Input, now: number): AuditFilter {
  const filter: Record<string, string | number> = {};
  for (const [option, field] of Object.entries(fields)) {
    const value = text(input, option);
    if (value !== undefined) filter[field] = value;
  }
  for (const option of ["since", "until"]) {
    const value = text(input, option);
    if (value !== undefined) filter[option] = instantOf(option, value, now);
  }
  return filter;
}

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function instantOf(option: string, value: string, now: number): number {
  const span = /^(\d{1,6})([smhd])$/.exec(value);
  const instant = span === null ? instantText(value) : now - Number(span[1]) * units[span[2]!]!;
  if (Number.isNaN(instant))
    throw new UsageError(
      `--${option}: got ${JSON.stringify(value)}; allowed: an instant (2026-11-24T09:00:00Z) or a span (90s, 15m, 24h, 7d).`,
    );
  return instant;
}

/** A date alone is midnight in UTC; a time without a zone would be read differently on every machine. */
function instantText(value: string): number {
  return /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/.test(value) ? Date.parse(value) : Number.NaN;
}

/** One event as a line for people. */
export function eventLine(event: AuditEvent): string {
  const { request } = event;
  const who = event.actor ?? event.subject ?? "unknown";
  const whom = event.subject === undefined || event.subject === event.actor ? "" : ` for ${event.subject}`;
  return [
    new Date(event.at).toISOString(),
    event.action.padEnd(16),
    event.outcome.padEnd(20),
    `${who}${whom}`,
    event.address ?? "",
    event.credentialId ?? "",
    request === undefined ? "" : `${request.httpMethod} ${request.path}`,
    event.requestId ?? "",
  ]
    .filter((part) => part !== "")
    .join("  ");
}
