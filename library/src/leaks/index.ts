/** Keys found where others can read them: told by whoever found them, or by GitHub's secret scanning. */
export { leakEndpoints } from "./endpoints.ts";
export { createGithubKeys } from "./github-keys.ts";
export { type LeakOptions, type LeakSettings, readLeakOptions } from "./options.ts";
export { leakRefusals } from "./refusals.ts";
