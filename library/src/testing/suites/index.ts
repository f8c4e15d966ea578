/** What every store must do, as cases for any test runner: `for (const { name, run } of storeSuite(place)) test(name, run)`. */
export { type EphemeralPlace, ephemeralSuite } from "./ephemeral.ts";
export { type StorePlace, storeSuite } from "./store.ts";
export type { SuiteCase } from "./suite-case.ts";
