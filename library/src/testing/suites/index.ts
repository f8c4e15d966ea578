/** What every store must do, as cases for any test runner: `for (const { name, run } of storeSuite(place)) test(name, run)`. */
export { type EphemeralPlace, ephemeralSuite } from "./ephemeral.ts";
export { storeSuite } from "./store.ts";
export type { StorePlace, SuiteCase } from "./suite-case.ts";
