import type { Store } from "../../contracts/index.ts";

/** One case of a suite: rejects with an assertion error when the promise in its name is broken. */
export interface SuiteCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** Does something `times` times at once, each told its number. */
export function together<Result>(times: number, task: (number: number) => Result | Promise<Result>): Promise<Result[]> {
  return Promise.all(Array.from({ length: times }, async (_, number) => task(number)));
}

/** An empty database, for one case. */
export interface StorePlace {
  /** A store on it, as another node of the same installation would open it. */
  open(): Store;
  /** Removes the database; every store is closed by then. */
  remove(): void | Promise<void>;
}

/** Checks one promise with two nodes on one database. */
export type StoreCheck = (one: Store, other: Store, place: StorePlace) => Promise<void>;
