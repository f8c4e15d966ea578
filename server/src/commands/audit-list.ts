import type { AuditEvent } from "latchkey";
import { systemClock } from "latchkey";
import { text } from "../arguments.ts";
import { UsageError } from "../usage.ts";
import { eventLine, filterOptions, readFilter } from "./audit-filter.ts";
import type { Command } from "./command.ts";

const mostAtOnce = 1_000;

export const auditList: Command = {
  name: "audit list",
  summary: "List what was done and what was refused, newest first.",
  positionals: [],
  options: [
    ...filterOptions,
    { name: "limit", value: "N", describe: "at most so many; default 50" },
    { name: "after", value: "ID", describe: "go on from this event" },
    { name: "ndjson", value: undefined, describe: "all of them, oldest first, one JSON document a line: an export" },
  ],
  example: "latchkey audit list --since 24h --action request.refused",
  async here(call) {
    if (call.input.ndjson !== true) return call.send(call.input);
    const ids = new Set<string>();
    for (let after = text(call.input, "after"); ;) {
      const { events } = (await call.send({ ...call.input, after })) as { events: readonly AuditEvent[] };
      for (const event of events) call.say(event);
      const last = events.at(-1)?.id;
      if (last === undefined || ids.has(last)) return undefined;
      ids.add(last);
      after = last;
    }
  },
  async run(auth, input) {
    const filter = readFilter(input, systemClock.now());
    if (input.ndjson === true) return { events: await firstOf(auth.audit.export(filter)) };
    return { events: await auth.audit.list({ ...filter, limit: limitOf(text(input, "limit")) }) };
  },
  print(output: { events: readonly AuditEvent[] } | undefined) {
    if (output === undefined) return "";
    return output.events.length === 0 ? "Nothing of that kind is recorded." : output.events.map(eventLine).join("\n");
  },
};

/** As much of an export as fits into one answer of the server. */
async function firstOf(lines: AsyncIterable<string>): Promise<readonly AuditEvent[]> {
  const events: AuditEvent[] = [];
  for await (const line of lines) {
    events.push(JSON.parse(line) as AuditEvent);
    if (events.length === mostAtOnce) break;
  }
  return events;
}

function limitOf(value: string | undefined): number {
  if (value === undefined) return 50;
  const limit = /^\d{1,4}$/.test(value) ? Number(value) : 0;
  if (limit < 1 || limit > mostAtOnce)
    throw new UsageError(`--limit: got ${JSON.stringify(value)}; allowed: a number from 1 to ${mostAtOnce}.`);
  return limit;
}
