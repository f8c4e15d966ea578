/** A value now, or later. The hot path stays synchronous when everything it needs is in memory. */
export type MaybePromise<T> = T | Promise<T>;

/** Tells a promise from a value without allocating one. */
export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof value === "object" && value !== null && typeof (value as Promise<T>).then === "function";
}

/** Goes on with a value: at once when it is there, so that what needs no waiting is done in one go. */
export function after<T, R>(value: MaybePromise<T>, next: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return isPromise(value) ? value.then(next) : next(value);
}

/** The same for what a job throws, now or later. */
export function rescue<T>(job: () => MaybePromise<T>, saved: (error: unknown) => MaybePromise<T>): MaybePromise<T> {
  try {
    const value = job();
    return isPromise(value) ? value.catch(saved) : value;
  } catch (error) {
    return saved(error);
  }
}
