import { setTimeout as pause } from "node:timers/promises";
import { type AuditEvent, systemClock } from "latchkey";
import { eventLine, filterOptions, readFilter } from "./audit-filter.ts";
import type { Command } from "./command.ts";

const shown = 20;
const lookEveryMs = 1_000;
/** Refusals are written in batches, so an event may appear behind later ones: the last minute is looked at again. */
const lookBackMs = 60_000;

export const auditTail: Command = {
  name: "audit tail",
  summary: "Show the newest of what was done and refused, and with --follow what comes.",
  positionals: [],
  options: [...filterOptions, { name: "follow", value: undefined, describe: "go on until interrupted" }],
  example: "latchkey audit tail --follow",
  async here(call) {
    const { events } = (await call.send(call.input)) as { events: readonly AuditEvent[] };
    if (call.input.follow !== true) return { events };
    const seen = new Map<string, number>();
    const tell = (list: readonly AuditEvent[]): void => {
      for (const event of list) {
        if (seen.has(event.id)) continue;
        seen.set(event.id, event.at);
        call.say(event, eventLine(event));
      }
    };
    tell(events);
    for (;;) {
      await pause(lookEveryMs);
      const since = systemClock.now() - lookBackMs;
      for (const [id, at] of seen) if (at < since) seen.delete(id);
      const latest = (await call.send({ ...call.input, since: new Date(since).toISOString(), latest: true })) as {
        events: readonly AuditEvent[];
      };
      tell(latest.events.filter(({ at }) => at >= since));
    }
  },
  async run(auth, input) {
    const filter = readFilter(input, systemClock.now());
    const limit = input.latest === true ? 1_000 : shown;
    return { events: (await auth.audit.list({ ...filter, limit })).toReversed() };
  },
  print: ({ events }: { events: readonly AuditEvent[] }) =>
    events.length === 0 ? "Nothing of that kind is recorded." : events.map(eventLine).join("\n"),
};
