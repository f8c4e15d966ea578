/** The security practices that everybody agrees on, held against one installation. */
export { configurationFindings } from "./configuration.ts";
export { dataFindings } from "./data.ts";
export { type Finding, problem } from "./finding.ts";
