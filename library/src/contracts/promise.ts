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

/** The same, and on another way with what the job throws, now or later; what comes after it throws is not its own. */
export function settled<T, R>(
  job: () => MaybePromise<T>,
  next: (value: T) => MaybePromise<R>,
  saved: (error: unknown) => MaybePromise<R>,
): MaybePromise<R> {
  let value: MaybePromise<T>;
  try {
    value = job();
  } catch (error) {
    return saved(error);
  }
  return isPromise(value) ? value.then(next, saved) : next(value);
}
