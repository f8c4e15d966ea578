import { isPromise, type MaybePromise } from "../contracts/index.ts";

/**
 * Runs one task a key at a time: whoever asks for a key whose task is under way gets that task's result. A task that is
 * done at once is never under way.
 */
export function createSingleFlight<T>(): (key: string, task: () => MaybePromise<T>) => MaybePromise<T> {
  const flights = new Map<string, Promise<T>>();
  return (key, task) => {
    const flying = flights.get(key);
    if (flying !== undefined) return flying;
    const result = task();
    if (!isPromise(result)) return result;
    const flight = result.finally(() => flights.delete(key));
    flights.set(key, flight);
    return flight;
  };
}
