import type { MetricsReading } from "latchkey";
import type { Counter, Gauge, Registry } from "prom-client";

/** The counts of this process, for Prometheus. Every label comes from a closed list. */
export interface ServerMetrics {
  /** A store, a network or the process failed. */
  countFault(error: unknown): void;
  /** A connection was turned away because there are too many. */
  countDropped(): void;
  /** The certificate of the server, at the start and whenever another one is taken. */
  certificateInUse(expiresAt: number): void;
  /** New files of TLS could not be used. */
  countTlsRefused(): void;
  /** The text and its media type. */
  render(read: () => MetricsReading): Promise<{ readonly text: string; readonly type: string }>;
}

/** prom-client is loaded at the first scrape; what it shows was counted before. */
export function createServerMetrics(): ServerMetrics {
  const faults = new Map<string, number>();
  let dropped = 0;
  let tls: { readonly expiresAt: number; readonly refused: number } | undefined;
  let registry: Promise<Registry> | undefined;

  async function build(read: () => MetricsReading): Promise<Registry> {
    const { collectDefaultMetrics, Counter, Gauge, Registry } = await import("prom-client");
    const made = new Registry();
    collectDefaultMetrics({ register: made });
    const counter = <Label extends string>(name: string, help: string, labelNames: Label[], fill: (counter: Counter<Label>) => void) =>
      new Counter<Label>({
        name,
        help,
        labelNames,
        registers: [made],
        collect() {
          this.reset();
          fill(this);
        },
      });
    counter("latchkey_decisions_total", "Decisions of the gate.", ["method", "outcome", "remembered"], (all) => {
      for (const { method, outcome, fromCache, count } of read().decisions)
        all.inc({ method, outcome, remembered: String(fromCache) }, count);
    });
    counter("latchkey_faults_total", "Failures of a store, a network or the process, by code.", ["code"], (all) => {
      for (const [code, count] of faults) all.inc({ code }, count);
    });
    counter("latchkey_connections_dropped_total", "Connections refused because there were too many.", [], (all) => all.inc(dropped));
    if (tls !== undefined) {
      const refused = "latchkey_tls_refused_total";
      counter(refused, "New certificate files that could not be used.", [], (all) => all.inc(tls!.refused));
      const name = "latchkey_tls_certificate_expires_seconds";
      const help = "When the certificate of the server expires, in seconds since the epoch.";
      const collect = function (this: Gauge): void {
        this.set(tls!.expiresAt / 1_000);
      };
      made.registerMetric(new Gauge({ name, help, registers: [], collect }));
    }
    made.registerMetric(verificationHistogram(read) as never);
    return made;
  }

  return {
    countFault(error) {
      const code = (error as { code?: unknown } | null)?.code;
      const name = typeof code === "string" && code.startsWith("LATCHKEY_") ? code : "other";
      faults.set(name, (faults.get(name) ?? 0) + 1);
    },
    countDropped() {
      dropped += 1;
    },
    certificateInUse(expiresAt) {
      tls = { expiresAt, refused: tls?.refused ?? 0 };
    },
    countTlsRefused() {
      if (tls !== undefined) tls = { ...tls, refused: tls.refused + 1 };
    },
    async render(read) {
      const made = await (registry ??= build(read));
      return { text: await made.metrics(), type: made.contentType };
    },
  };
}

/** A histogram over what was counted already; prom-client's own can only be told one observation at a time. */
function verificationHistogram(read: () => MetricsReading) {
  const name = "latchkey_verification_duration_seconds";
  const values = () => {
    const { boundsSeconds, verifications } = read();
    return verifications.flatMap(({ method, count, totalSeconds, atMost }) => [
      ...boundsSeconds.map((bound, index) => ({ metricName: `${name}_bucket`, labels: { le: bound, method }, value: atMost[index]! })),
      { metricName: `${name}_bucket`, labels: { le: "+Inf", method }, value: count },
      { metricName: `${name}_sum`, labels: { method }, value: totalSeconds },
      { metricName: `${name}_count`, labels: { method }, value: count },
    ]);
  };
  const shape = { name, help: "Time to verify a credential that was not remembered.", type: "histogram", aggregator: "sum" };
  return { ...shape, get: () => Promise.resolve({ ...shape, values: values() }), reset: () => undefined };
}
