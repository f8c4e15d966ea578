/** Runs one task a key at a time: whoever asks for a key whose task is under way gets that task's result. */
export function createSingleFlight<T>(): (key: string, task: () => Promise<T>) => Promise<T> {
  const flights = new Map<string, Promise<T>>();
  return (key, task) => {
    const flying = flights.get(key);
    if (flying !== undefined) return flying;
    const flight = task().finally(() => flights.delete(key));
    flights.set(key, flight);
    return flight;
  };
}
