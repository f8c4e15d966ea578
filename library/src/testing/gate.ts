import type { DecisionEvent, Store } from "../contracts/index.ts";
import { createLatchkey, type Latchkey, type LatchkeyOptions } from "../latchkey.ts";
import { newMasterSecret } from "../primitives/index.ts";
import { type TestClock, testClock } from "./clock.ts";

/** Whatever `createLatchkey` takes; all of it has a default here. */
export interface TestLatchkeyOptions extends Partial<Omit<LatchkeyOptions, "clock">> {
  readonly clock?: TestClock;
}

/** A gate like any other, and what a test wants to look at. */
export interface TestLatchkey extends Latchkey {
  readonly clock: TestClock;
  readonly store: Store;
  /** What it was made with: where a minter must make a credential of the same form. */
  readonly options: LatchkeyOptions;
  /** Everything that went to `onFault`, oldest first. */
  readonly faults: readonly unknown[];
  /** Every refusal that went to `onDecision`, oldest first. */
  readonly refusals: readonly DecisionEvent[];
}

/**
 * A real gate for tests: the same code as in production, on a database of its own in a temporary folder that `close`
 * removes, with a clock that stands still and a secret that nobody else has. Give it a `store` to test on another database.
 */
export async function testLatchkey(given: TestLatchkeyOptions = {}): Promise<TestLatchkey> {
  const clock = given.clock ?? testClock();
  const faults: unknown[] = [];
  const refusals: DecisionEvent[] = [];
  const options: LatchkeyOptions = {
    issuer: "http://localhost:3000",
    secret: newMasterSecret(),
    ...given,
    store: given.store ?? (await temporaryStore()),
    clock,
    onFault: (...fault) => {
      faults.push(fault[0]);
      given.onFault?.(...fault);
    },
    onDecision: (event) => {
      refusals.push(event);
      given.onDecision?.(event);
    },
  };
  return Object.assign(await createLatchkey(options), { clock, store: options.store, options, faults, refusals });
}

/** Loaded when it is asked for: with a store of one's own the driver need not be installed. */
async function temporaryStore(): Promise<Store> {
  const { sqlite } = await import("../stores/sqlite/index.ts");
  return sqlite(":memory:");
}
