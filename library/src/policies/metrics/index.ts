/** What is counted of decisions, for a monitoring system. */
export { createMetrics, type DecisionCount, type Metrics, type MetricsReading, type VerificationTimes } from "./metrics.ts";
