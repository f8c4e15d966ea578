import { type EventSink, isPromise, type Method } from "../../contracts/index.ts";

/** How often one method came to one outcome. */
export interface DecisionCount {
  /** Name of the method, or `none` where no credential could be read. */
  readonly method: string;
  /** `allowed`, or the code of the refusal. */
  readonly outcome: string;
  /** Whether the caller was remembered from an earlier verification. */
  readonly fromCache: boolean;
  readonly count: number;
}

/** How long verifications of one method took; remembered answers are not among them. */
export interface VerificationTimes {
  readonly method: string;
  readonly count: number;
  readonly totalSeconds: number;
  /** Of each bound in `boundsSeconds`, how many took at most that long. */
  readonly atMost: readonly number[];
}

export interface MetricsReading {
  readonly decisions: readonly DecisionCount[];
  readonly boundsSeconds: readonly number[];
  readonly verifications: readonly VerificationTimes[];
}

/** Counts since the start. Names come from closed lists: methods and codes, never from a request. */
export interface Metrics {
  /** The same sink, counting what passes. */
  counting(events: EventSink): EventSink;
  /** The same method, with its verifications timed. */
  timed(method: Method): Method;
  read(): MetricsReading;
}

const boundsSeconds = [0.0001, 0.0005, 0.001, 0.005, 0.025, 0.1, 0.25, 1, 5] as const;

interface Tally {
  remembered: number;
  verified: number;
}

interface Times {
  count: number;
  totalSeconds: number;
  readonly within: number[];
}

export function createMetrics(): Metrics {
  const allowed = new Map<string, Tally>();
  const refused = new Map<string, DecisionCount & { count: number }>();
  const times = new Map<string, Times>();

  return {
    counting: (events) => ({
      allowed(attempt, verified, fromCache, checks) {
        const tally = allowed.get(attempt.credential.method) ?? newTally(allowed, attempt.credential.method);
        if (fromCache) tally.remembered += 1;
        else tally.verified += 1;
        events.allowed(attempt, verified, fromCache, checks);
      },
      refused(event) {
        const method = event.principal?.method ?? event.seen[0]?.split(" ", 1)[0] ?? "none";
        const { outcome, fromCache } = event;
        const key = `${method} ${outcome} ${fromCache}`;
        const known = refused.get(key) ?? { method, outcome, fromCache, count: 0 };
        known.count += 1;
        refused.set(key, known);
        events.refused(event);
      },
    }),
    timed(method) {
      const spent = { count: 0, totalSeconds: 0, within: boundsSeconds.map(() => 0) };
      times.set(method.name, spent);
      return {
        ...method,
        verify(credential, attempt) {
          const began = performance.now();
          const result = method.verify(credential, attempt);
          if (!isPromise(result)) {
            note(spent, began);
            return result;
          }
          return result.finally(() => note(spent, began));
        },
      };
    },
    read: () => ({
      decisions: [
        ...[...allowed].flatMap(([method, { remembered, verified }]) => [
          { method, outcome: "allowed", fromCache: true, count: remembered },
          { method, outcome: "allowed", fromCache: false, count: verified },
        ]),
        ...[...refused.values()].map((count) => ({ ...count })),
      ],
      boundsSeconds,
      verifications: [...times].map(([method, { count, totalSeconds, within }]) => ({ method, count, totalSeconds, atMost: [...within] })),
    }),
  };
}

function newTally(tallies: Map<string, Tally>, method: string): Tally {
  const tally = { remembered: 0, verified: 0 };
  tallies.set(method, tally);
  return tally;
}

function note(times: Times, began: number): void {
  const seconds = (performance.now() - began) / 1000;
  times.count += 1;
  times.totalSeconds += seconds;
  for (let index = 0; index < boundsSeconds.length; index += 1) if (seconds <= boundsSeconds[index]!) times.within[index]! += 1;
}
