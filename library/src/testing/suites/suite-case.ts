/** One case of a suite: rejects with an assertion error when the promise in its name is broken. */
export interface SuiteCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** Does something `times` times at once, each told its number. */
export function together<Result>(times: number, task: (number: number) => Result | Promise<Result>): Promise<Result[]> {
  return Promise.all(Array.from({ length: times }, async (_, number) => task(number)));
}
