/** `/metrics`: what is counted, in the text format of Prometheus. */
export { createServerMetrics, type ServerMetrics } from "./metrics.ts";
